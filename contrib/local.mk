EXTRA_DIST += contrib/check contrib/packages contrib/setup.sh .ci/run
