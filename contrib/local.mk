EXTRA_DIST += \
	.ci/run \
	contrib/check \
	contrib/packages \
	contrib/quickstart \
	contrib/quickstart.py \
	contrib/setup.sh
