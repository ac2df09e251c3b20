/*
 * A milter that does nothing: the floor weir-milter is measured against. It
 * takes the same events and wants the same replies left out (load_milter prints
 * what was agreed on; the two must be the same).
 *
 * null_milter unix:PATH
 */
#include <libmilter/mfapi.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static sfsistat
negotiate_cb(SMFICTX *ctx, unsigned long actions, unsigned long steps,
    unsigned long f2, unsigned long f3, unsigned long *actions_r,
    unsigned long *steps_r, unsigned long *f2_r, unsigned long *f3_r)
{
	(void)ctx;
	(void)f2;
	(void)f3;
	*actions_r = actions & (SMFIF_ADDHDRS | SMFIF_CHGHDRS |
	    SMFIF_QUARANTINE);
	*steps_r = (steps & (SMFIP_NOHELO | SMFIP_NOBODY | SMFIP_NOUNKNOWN |
	    SMFIP_NODATA)) | SMFIP_NR_HDR | SMFIP_NR_EOH | SMFIP_NR_BODY;
	*f2_r = *f3_r = 0;
	return SMFIS_CONTINUE;
}

static sfsistat
connect_cb(SMFICTX *ctx, char *name, _SOCK_ADDR *addr)
{
	(void)ctx;
	(void)name;
	(void)addr;
	return SMFIS_CONTINUE;
}

static sfsistat
words_cb(SMFICTX *ctx, char **argv)
{
	(void)ctx;
	(void)argv;
	return SMFIS_CONTINUE;
}

static sfsistat
header_cb(SMFICTX *ctx, char *name, char *value)
{
	(void)ctx;
	(void)name;
	(void)value;
	return SMFIS_NOREPLY;
}

static sfsistat
eoh_cb(SMFICTX *ctx)
{
	(void)ctx;
	return SMFIS_NOREPLY;
}

static sfsistat
plain_cb(SMFICTX *ctx)
{
	(void)ctx;
	return SMFIS_CONTINUE;
}

int
main(int argc, char *argv[])
{
	static char name[] = "null";
	struct smfiDesc desc = {
		.xxfi_name = name,
		.xxfi_version = SMFI_VERSION,
		.xxfi_flags = SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_QUARANTINE,
		.xxfi_connect = connect_cb,
		.xxfi_envfrom = words_cb,
		.xxfi_envrcpt = words_cb,
		.xxfi_header = header_cb,
		.xxfi_eoh = eoh_cb,
		.xxfi_eom = plain_cb,
		.xxfi_abort = plain_cb,
		.xxfi_close = plain_cb,
		.xxfi_data = plain_cb,
		.xxfi_negotiate = negotiate_cb,
	};

	if (argc != 2 || smfi_setconn(argv[1]) == MI_FAILURE ||
	    smfi_register(desc) == MI_FAILURE) {
		(void)fprintf(stderr, "usage: null_milter unix:PATH\n");
		return 2;
	}
	return smfi_main() == MI_SUCCESS ? 0 : 1;
}
