# Manuals, in mdoc.
dist_man_MANS += \
	man/weir-milter.8 \
	man/weir-policyd.8 \
	man/weir.conf.5 \
	man/weirctl.1
