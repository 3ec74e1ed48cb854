/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The catalogue directory: each NAME.json is {"profiles": [PROFILE...]}, a PROFILE being the body of POST
 * /v1/profiles with "package" naming a file beside it (DER) or "description" one in the language of `assay
 * profile new`, and "order" the body of POST /v1/orders. What the store has already is left as it is, so the
 * directory can be read again at any time.
 */
#include "server/admin.h"
#include "server/keyfile.h"
#include "server/log.h"
#include "server/task.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool path_of(char path[static TEXT_PATH_SIZE], const char *dir, const char *name)
{
	return snprintf(path, TEXT_PATH_SIZE, "%s/%s", dir, name) < TEXT_PATH_SIZE;
}

static enum err file_take(struct admin *admin, const char *name, bool is_package,
                          struct keeper_sealed *sealed)
{
	struct buffer file = { NULL, 0, 0 };
	char path[TEXT_PATH_SIZE];
	enum err err;

	if (strchr(name, '/') != NULL || !path_of(path, admin->config->catalogue, name))
		return ERR_VALUE; /* only what lies in the directory itself */
	TRY(keyfile_text(path, &file));
	err = is_package ? keeper_import(admin->loop.keeper, buffer_bytes(&file), sealed)
	                 : keeper_generate(admin->loop.keeper, buffer_bytes(&file), sealed);
	buffer_free(&file);
	return err;
}

static enum err profile_take(struct admin *admin, json_t *profile, struct admin_answer *answer)
{
	const char *package = json_string_value(json_object_get(profile, "package"));
	const char *description = json_string_value(json_object_get(profile, "description"));
	json_t *order = json_object_get(profile, "order"), *asked;
	uint8_t iccid[ICCID_SIZE];
	struct keeper_sealed sealed;
	enum err err;

	answer->detail = "package";
	if ((package == NULL) == (description == NULL))
		return ERR_VALUE;
	TRY(file_take(admin, package != NULL ? package : description, package != NULL, &sealed));
	memcpy(iccid, sealed.iccid, sizeof iccid);
	err = admin_add(admin, &sealed, profile, answer);
	if (err == ERR_EXISTS)
		return ERR_NONE;
	TRY(err);
	if (!json_is_object(order))
		return ERR_NONE;
	asked = json_deep_copy(order);
	json_object_set_new(asked, "iccid", admin_json_iccid(BYTES(iccid)));
	err = admin_order(admin, asked, iccid, answer);
	json_decref(asked);
	return err;
}

static void file_read(struct admin *admin, const char *name)
{
	char path[TEXT_PATH_SIZE];
	json_error_t error;
	json_t *root, *profiles;

	if (!path_of(path, admin->config->catalogue, name))
		return;
	root = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
	profiles = json_object_get(root, "profiles");
	if (!json_is_array(profiles))
		log_error("%s:%d: %s", path, error.line,
		          root == NULL ? error.text : "no \"profiles\"");
	for (size_t i = 0; i < json_array_size(profiles); i++) {
		struct admin_answer answer = { 0, NULL, NULL };
		enum err err = profile_take(admin, json_array_get(profiles, i), &answer);
		if (err != ERR_NONE)
			log_error("%s: profile %zu: %s: %s", path, i + 1,
			          answer.detail == NULL ? "" : answer.detail, err_text(err));
	}
	json_decref(root);
}

static bool is_json(const char *name)
{
	size_t len = strlen(name);

	return len > 5 && strcmp(name + len - 5, ".json") == 0;
}

static void read_all(void *arg)
{
	struct admin *admin = arg;
	DIR *dir = opendir(admin->config->catalogue);

	if (dir == NULL) {
		log_error("catalogue %s cannot be read", admin->config->catalogue);
		return;
	}
	for (const struct dirent *entry; (entry = readdir(dir)) != NULL;)
		if (is_json(entry->d_name))
			file_read(admin, entry->d_name);
	closedir(dir);
}

static void nothing(void *arg)
{
	(void)arg;
}

void admin_catalogue(struct admin *admin)
{
	if (admin->config->catalogue[0] == '\0')
		return;
	if (task_current() != NULL)
		read_all(admin);
	else if (!task_start(read_all, nothing, admin))
		log_error("the catalogue could not be read");
}
