EXTRA_DIST += \
	.ci/run \
	contrib/check \
	contrib/grafana/weir.json \
	contrib/packages \
	contrib/prometheus/weir.rules.test.yml \
	contrib/prometheus/weir.rules.yml \
	contrib/quickstart \
	contrib/quickstart.py \
	contrib/setup.sh
