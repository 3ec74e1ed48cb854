/* SPDX-License-Identifier: Apache-2.0 */
/* `assay verifier` with a server: what is in force there, and what a policy would change. */
#include "cli/verifier_server.h"

#include "cli/admin.h"
#include "codec/base64.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct admin_column item_columns[] = {
	{"kind",    "KIND"  },
        { "name",   "NAME"  },
        { "size",   "OCTETS"},
        { "sha256", "SHA256"}
};
static const struct admin_column tried_columns[] = {
	{"eid",      "EID"    },
	{ "purpose", "PURPOSE"},
	{ "now",     "NOW"    },
	{ "then",    "THEN"   },
	{ "why",     "WHY"    }
};

static const struct admin_column result_columns[] = {
	{"eid",       "EID"      },
        { "time",     "appraised"},
        { "purpose",  "for"      },
	{ "format",   "evidence" },
        { "decision", "decision" },
        { "policy",   "policy"   }
};
enum { ADMIN_RESULT_MAX = 4096 };

/* Reads FILE into the member `body`; complains and returns NULL when it cannot. */
static json_t *request_with(const struct cli *cli, const char *path)
{
	size_t len;
	uint8_t *at = admin_file(cli, path, &len);

	if (at == NULL)
		return NULL;
	json_t *request = json_pack("{s:o}", "body", admin_der(at, len));
	free(at);
	return request;
}

static int run_add(struct cli *cli)
{
	const char *kind = cli_arg(cli, 0), *name = cli_value(cli, "name");
	json_t *answer = NULL, *request = request_with(cli, cli_arg(cli, 1));

	if (request == NULL)
		return CLI_FAILED;
	json_object_set_new(request, "kind", json_string(kind));
	admin_set_option(cli, request, "name", "name");
	if (name == NULL && strcmp(kind, "policy") == 0)
		admin_set_option(cli, request, "operator", "name");
	else if (name == NULL && strcmp(kind, "reference") != 0 && strcmp(kind, "corim") != 0)
		json_object_set_new(request, "name", json_string(cli_arg(cli, 1)));
	int exit = admin_call(cli, "POST", "/v1/verifier", request, &answer);
	json_decref(request);
	return exit == CLI_DONE ? admin_show(cli, answer, item_columns, COUNT(item_columns)) : exit;
}

static bool has_policy(const json_t *items)
{
	const json_t *item;
	size_t i;

	json_array_foreach(items, i, item)
	{
		const char *kind = json_string_value(json_object_get(item, "kind"));
		if (kind != NULL && strcmp(kind, "policy") == 0)
			return true;
	}
	return false;
}

/* A policy without an operator's name is everybody else's: for people that is said. */
static void name_policies(json_t *items)
{
	json_t *item;
	size_t i;

	json_array_foreach(items, i, item)
	{
		const char *kind = json_string_value(json_object_get(item, "kind"));
		const char *name = json_string_value(json_object_get(item, "name"));
		if (kind != NULL && strcmp(kind, "policy") == 0 && (name == NULL || *name == '\0'))
			json_object_set_new(item, "name", json_string("(of all others)"));
	}
}

static int run_list(struct cli *cli)
{
	json_t *answer = NULL;
	int exit = admin_call(cli, "GET", "/v1/verifier", NULL, &answer);

	if (exit != CLI_DONE)
		return exit;
	json_t *items = json_incref(json_object_get(answer, "items"));
	json_decref(answer);
	bool open = json_array_size(items) > 0 && !has_policy(items) && !cli_flag(cli, "json");
	if (!cli_flag(cli, "json"))
		name_policies(items);
	exit = admin_show_list(cli, items, item_columns, COUNT(item_columns),
	                       "nothing: integrity is not asked for, and every card is admitted");
	if (open)
		printf("\nno policy: integrity is not asked for, and every card is admitted\n");
	return exit;
}

static int run_remove(struct cli *cli)
{
	json_t *answer = NULL, *request = json_pack("{s:s, s:s}", "kind", cli_arg(cli, 0), "name",
	                                            cli_arg(cli, 1) == NULL ? "" : cli_arg(cli, 1));
	int exit = admin_call(cli, "POST", "/v1/verifier/remove", request, &answer);

	json_decref(request);
	json_decref(answer);
	return exit;
}

static int run_revoke(struct cli *cli)
{
	json_t *answer = NULL,
	       *request = json_pack("{s:s, s:s, s:b}", "model", cli_arg(cli, 0), "firmware",
	                            cli_arg(cli, 1), "revoked", !cli_flag(cli, "undo"));
	int exit = admin_call(cli, "POST", "/v1/verifier/revoke", request, &answer);

	json_decref(request);
	if (exit == CLI_DONE && (cli_flag(cli, "json") || !cli_flag(cli, "undo")))
		return admin_show(cli, answer, item_columns, 2);
	json_decref(answer);
	return exit;
}

/* Only what would change is worth a person's time. */
static json_t *changes(json_t *cards)
{
	json_t *changed = json_array(), *card;
	size_t i;

	json_array_foreach(cards, i, card)
	{
		if (!json_equal(json_object_get(card, "now"), json_object_get(card, "then")))
			json_array_append(changed, card);
	}
	return changed;
}

static int run_try(struct cli *cli)
{
	json_t *answer = NULL, *request = request_with(cli, cli_arg(cli, 0));

	if (request == NULL)
		return CLI_FAILED;
	admin_set_option(cli, request, "operator", "operator");
	int exit = admin_call(cli, "POST", "/v1/verifier/try", request, &answer);
	json_decref(request);
	if (exit != CLI_DONE || cli_flag(cli, "json"))
		return exit != CLI_DONE ? exit : admin_show(cli, answer, NULL, 0);
	printf("%lld would be admitted, %lld restricted, %lld refused\n",
	       (long long)json_integer_value(json_object_get(answer, "admit")),
	       (long long)json_integer_value(json_object_get(answer, "restrict")),
	       (long long)json_integer_value(json_object_get(answer, "refuse")));
	json_t *list = changes(json_object_get(answer, "cards"));
	json_decref(answer);
	return admin_show_list(cli, list, tried_columns, COUNT(tried_columns),
	                       "nothing would change");
}

/* Writes the attestation result, for who relies on it: a CWT in octets, a JWT as it is. */
static int write_result(const struct cli *cli, const char *path, const json_t *answer)
{
	const char *text = json_string_value(json_object_get(answer, "result"));
	static uint8_t octets[ADMIN_RESULT_MAX];
	struct room room = ROOM(octets);
	enum err err = ERR_NONE;

	if (text != NULL && cli_flag(cli, "jwt"))
		room_put(&room, bytes_text(text));
	else
		err = text == NULL ? ERR_NOT_FOUND : base64_read(bytes_text(text), &room);
	if (err != ERR_NONE || room.full)
		return cli_fail(cli, CLI_FAILED, "what came is no attestation result");
	FILE *file = fopen(path, "wb");
	if (file == NULL)
		return cli_fail(cli, CLI_FAILED, "%s: %s", path, strerror(errno));
	bool good = fwrite(room.at, 1, room.len, file) == room.len;
	return (fclose(file) == 0 && good) ? CLI_DONE : cli_fail(cli, CLI_FAILED, "%s: %s", path, strerror(errno));
}

/* The token alone, for a pipe. */
static int print_jwt(json_t *answer)
{
	const char *text = json_string_value(json_object_get(answer, "result"));

	puts(text == NULL ? "" : text);
	json_decref(answer);
	return CLI_DONE;
}

static int show_result(struct cli *cli, json_t *answer)
{
	json_t *lines = json_incref(json_object_get(answer, "explanation"));
	int exit = admin_show(cli, answer, result_columns, COUNT(result_columns));

	if (exit == CLI_DONE && !cli_flag(cli, "json") && json_is_string(lines))
		fputs(json_string_value(lines), stdout);
	json_decref(lines);
	return exit;
}

static int run_result(struct cli *cli)
{
	const char *output = cli_value(cli, "output");
	char path[ADMIN_PATH_MAX];
	json_t *answer = NULL;

	if (!admin_is_eid(cli_arg(cli, 0)) ||
	    !admin_path(path, "/v1/verifier/results/", cli_arg(cli, 0),
	                cli_flag(cli, "jwt") ? "?form=jwt" : ""))
		return cli_usage(cli, "\"%s\" is no EID: 32 digits", cli_arg(cli, 0));
	int exit = admin_call(cli, "GET", path, NULL, &answer);
	if (exit == CLI_DONE && output != NULL)
		exit = write_result(cli, output, answer);
	else if (exit == CLI_DONE && cli_flag(cli, "jwt") && !cli_flag(cli, "json"))
		return print_jwt(answer);
	if (exit == CLI_DONE)
		return show_result(cli, answer);
	json_decref(answer);
	return exit;
}

static const struct cli_option options[] = { CLI_OPTION_SOCKET, CLI_OPTION_JSON, CLI_OPTION_END };
static const struct cli_option options_add[] = {
	{"name",      'n', "NAME", "what it is called (default: what it is for, or FILE)"},
	{ "operator", 'o', "NAME", "of a policy: whose it is (default: of all others)"   },
	CLI_OPTION_SOCKET,
	CLI_OPTION_JSON,
	CLI_OPTION_END,
};
static const struct cli_option options_revoke[] = {
	{"undo", 0, NULL, "it is accepted again"},
	CLI_OPTION_SOCKET,
	CLI_OPTION_JSON,
	CLI_OPTION_END,
};
static const struct cli_option options_try[] = {
	{"operator", 'o', "NAME", "whose policy it would be (default: of all others)"},
	CLI_OPTION_SOCKET,
	CLI_OPTION_JSON,
	CLI_OPTION_END,
};

const struct cli_command cli_verifier_add = {
	.name = "add",
	.args = "KIND FILE",
	.help = "Put a policy, reference values or a root in force",
	.about = "KIND is policy, reference, corim, root (certificate of who endorses chips), "
		 "test-root\n"
		 "(of chips that protect nothing) or supplier (public key of who signs manifests "
	         "and "
		 "reference\n"
		 "values). Certificates and keys are DER or PEM. What was there under the same "
	         "name is "
		 "replaced.\n"
		 "A reference or corim that is signed counts only while a supplier in force has "
	         "signed "
		 "it.",
	.options = options_add,
	.run = run_add,
};
const struct cli_command cli_verifier_list = {
	.name = "list",
	.args = "",
	.help = "Show what is in force",
	.options = options,
	.run = run_list,
};
const struct cli_command cli_verifier_remove = {
	.name = "remove",
	.args = "KIND [NAME]",
	.help = "Take something out of force",
	.options = options,
	.run = run_remove,
};
const struct cli_command cli_verifier_revoke = {
	.name = "revoke",
	.args = "MODEL FIRMWARE",
	.help = "Accept a firmware no more",
	.about = "Evidence of it is refused from now on. A machine that was admitted before keeps its access to the "
	         "network until it shows evidence again, or the last one is older than the policy's max-age; to shut "
	         "it out at once: assay device revoke, or assay subscription bar.",
	.options = options_revoke,
	.run = run_revoke,
};
const struct cli_command cli_verifier_try = {
	.name = "try",
	.args = "POLICY",
	.help = "Tell how the cards on record would fare under a policy",
	.about = "Lists those for whom it would change something. It goes by what was found at the last appraisal: "
	         "evidence is not kept, so that of PCRs which nobody required until now only the next evidence tells.",
	.options = options_try,
	.run = run_try,
};

static const struct cli_option options_result[] = {
	{"output", 'o', "FILE", "write the attestation result there: an EAT, as CWT"    },
	{ "jwt",   0,   NULL,   "as JWT instead; without --output that alone is printed"},
	CLI_OPTION_SOCKET,
	CLI_OPTION_JSON,
	CLI_OPTION_END,
};
const struct cli_command cli_verifier_result = {
	.name = "result",
	.args = "EID",
	.help = "Tell how the machine of a card was appraised last, and why",
	.options = options_result,
	.run = run_result,
};
