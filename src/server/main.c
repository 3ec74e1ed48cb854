/* SPDX-License-Identifier: Apache-2.0 */
/* The program assayd. */
#include "server/config.h"
#include "server/init.h"
#include "server/log.h"
#include "server/supervisor.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

static const char usage_text[] =
	"usage: assayd [--config FILE] [--verbose]\n"
	"       assayd --check [--config FILE]\n"
	"       assayd --init DIR [--pki DIR]\n"
	"\n"
	"  -c, --config FILE  configuration (default: /etc/assay/assayd.conf)\n"
	"      --check        look at the configuration and all files that it names, and stop\n"
	"      --init DIR     make a directory with a configuration, a master key and a store, ready to start\n"
	"      --pki DIR      with --init: certificates and keys as `assay pki new DIR` writes them\n"
	"  -v, --verbose      say more\n"
	"      --help         print this\n"
	"      --version      print the version\n"
	"\n"
	"Runs in the foreground. SIGHUP: read the configuration again; SIGTERM: stop in order.\n";

struct options {
	const char *config, *init, *pki;
	bool check;
};

static bool options_read(int argc, char **argv, struct options *out, int *status)
{
	static const struct option known[] = {
		{ "config", required_argument, NULL, 'c' }, { "check", no_argument, NULL, 'k' },
		{ "init", required_argument, NULL, 'i' },   { "pki", required_argument, NULL, 'p' },
		{ "verbose", no_argument, NULL, 'v' },      { "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },      { NULL, 0, NULL, 0 },
	};

	for (int c; (c = getopt_long(argc, argv, "c:v", known, NULL)) != -1;) {
		if (c == 'c') {
			out->config = optarg;
		} else if (c == 'k') {
			out->check = true;
		} else if (c == 'i') {
			out->init = optarg;
		} else if (c == 'p') {
			out->pki = optarg;
		} else if (c == 'v') {
			log_level(LOG_DEBUG_LEVEL);
		} else {
			*status = c == '?' ? 2 : 0;
			if (c == 'V')
				puts("assayd " PROJECT_VERSION);
			else
				fputs(usage_text, c == '?' ? stderr : stdout);
			return false;
		}
	}
	if (optind == argc)
		return true;
	fprintf(stderr, "assayd: %s: nothing of the kind is expected\n", argv[optind]);
	*status = 2;
	return false;
}

int main(int argc, char **argv)
{
	struct options options = { .config = "/etc/assay/assayd.conf" };
	static struct config config;
	int status = 0;

	if (!options_read(argc, argv, &options, &status))
		return status;
	if (options.init != NULL)
		return init_directory(options.init, options.pki) ? 0 : 1;
	if (config_load(&config, options.config) != ERR_NONE || config_check_apart(&config) != ERR_NONE)
		return 1;
	if (options.check) {
		printf("%s: good\n", options.config);
		return 0;
	}
	return supervisor_run(&config);
}
