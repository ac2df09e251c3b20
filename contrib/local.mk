EXTRA_DIST += contrib/check contrib/packages .ci/run
