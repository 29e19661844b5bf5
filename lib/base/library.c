#include "lib/base/library.h"

#include <dlfcn.h>
#include <string.h>

static err_t
missing(const char *library)
{
	const char *why = dlerror();

	return err_new(ERR_SYSTEM, "cannot load %s (%s); install it", library,
	    why ? why : "the system gives no reason");
}

err_t
library_open(const char *file, const char *library,
    const struct library_call *calls, size_t n)
{
	void *handle = dlopen(file, RTLD_LAZY | RTLD_LOCAL);
	err_t err = handle ? NULL : missing(library);

	for (size_t i = 0; !err && i < n; i++)
		if (!dlsym(handle, calls[i].name))
			err = missing(library);
	if (err) {
		if (handle)
			dlclose(handle);
		return err;
	}
	/* ISO C has no conversion from what dlsym gives to a function. */
	for (size_t i = 0; i < n; i++) {
		void *function = dlsym(handle, calls[i].name);

		memcpy(calls[i].pointer, &function, sizeof(function));
	}
	return NULL;
}
