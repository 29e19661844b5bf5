#include <stddef.h>

#include "cmd/cmd.h"
#include "cmd/out.h"
#include "lib/base/hash.h"
#include "lib/base/json.h"
#include "lib/base/text.h"
#include "lib/base/zst.h"
#include "lib/transfer/archive.h"
#include "store/store.h"

/* The libraries at run time, each asked at its one door; one that is opened
 * when it is needed may be missing (NULL). */
static const struct {
	const char *name;
	const char *(*version)(void);
} libraries[] = {
	{ "jansson", json_library },
	{ "libarchive", archive_library },
	{ "libcrypto", hash_library },
	{ "sqlite", store_library },
	{ "utf8proc", text_library },
	{ "zstd", zst_library },
};

static void
version_json(struct out *out)
{
	struct json *j = out_json(out);

	json_object(j);
	json_key(j, "version");
	json_text(j, DSV_VERSION);
	json_key(j, "libraries");
	json_object(j);
	for (size_t i = 0; i < ARRAY_LEN(libraries); i++) {
		json_key(j, libraries[i].name);
		json_text(j, libraries[i].version());
	}
	json_end(j);
	json_end(j);
	out_json_end(out);
}

static err_t
version_run(struct ctx *ctx, void *args, const struct operands *ops)
{
	(void)args;
	(void)ops;
	if (out_is_json(ctx->out)) {
		version_json(ctx->out);
		return NULL;
	}
	out_printf(ctx->out, "dsv %s\n", DSV_VERSION);
	for (size_t i = 0; ctx->g->verbose && i < ARRAY_LEN(libraries); i++) {
		const char *version = libraries[i].version();

		out_printf(ctx->out, "%s %s\n", libraries[i].name,
		    version ? version : "missing");
	}
	return NULL;
}

const struct cmd cmd_version = {
	.name = "version", .summary = "print the version of dsv",
	.operands = "", .group = GROUP_UPKEEP, .needs = CMD_ANYWHERE,
	.role = ROLE_NONE,
	.run = version_run,
};
