/* SPDX-License-Identifier: Apache-2.0 */
/* PKCS#11 has a null pointer where p11-kit hands the text of x-init-reserved
 * over.  A module that is started without may have another token than the one
 * that was set up, so that it is not started. */
#include "hsm/pkcs11/config_module.h"

#include <stdio.h>
#include <string.h>

/* Under which names "enable-in" and "disable-in" may mean Holdfast: the
 * programs that p11-kit's library would be loaded in, and its proxy module. */
static const char *const ours[] = {"holdfast", "holdfast-inspect",
                                   "holdfast-token", "p11-kit-proxy"};

/* LIST is separated by commas and blanks. */
static bool
lists_us(const char *list)
{
    static const char separators[] = ", \t\r\v\f";

    while (*(list += strspn(list, separators)) != '\0') {
        size_t length = strcspn(list, separators);

        for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
            if (strlen(ours[i]) == length &&
                strncmp(list, ours[i], length) == 0)
                return true;
        list += length;
    }
    return false;
}

bool
pkcs11_config_module_is_ours(const struct pkcs11_config_file *settings)
{
    const char *module = settings->value[PKCS11_CONFIG_MODULE];
    const char *enabled = settings->value[PKCS11_CONFIG_ENABLE_IN];
    const char *disabled = settings->value[PKCS11_CONFIG_DISABLE_IN];

    if (module == NULL || *module == '\0' ||
        settings->value[PKCS11_CONFIG_REMOTE] != NULL)
        return false;
    if (enabled != NULL)
        return lists_us(enabled);
    return disabled == NULL || !lists_us(disabled);
}

static bool
is_printable(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text < ' ' || *text > '~')
            return false;
    return true;
}

/* The path is recorded in the state as text, and the module is loaded from
 * there in later runs. */
static enum ks_err
resolve(const char *libraries, const char *file,
        struct pkcs11_config_module *module, struct err_cause *cause)
{
    enum ks_err rc;
    int length = snprintf(module->path, sizeof module->path, "%s%s%s",
                          *file == '/' ? "" : libraries,
                          *file == '/' ? "" : "/", file);

    if (length < 0 || (size_t)length >= sizeof module->path)
        return err_set(cause, KS_ERR_TOKEN_MODULE, "its path is too long");
    rc = pkcs11_path_resolve(module->path, module->real, cause);
    return rc == KS_OK &&
                   !(is_printable(module->path) && is_printable(module->real))
               ? err_set(cause, KS_ERR_TOKEN_MODULE,
                         "its path is not printable ASCII")
               : rc;
}

enum ks_err
pkcs11_config_module_judge(const struct pkcs11_config_file *settings,
                           const char *libraries,
                           struct pkcs11_config_module *module)
{
    const char *reserved = settings->value[PKCS11_CONFIG_RESERVED];
    enum ks_err rc = resolve(libraries, settings->value[PKCS11_CONFIG_MODULE],
                             module, &module->why);

    if (rc != KS_OK) {
        module->path[0] = module->real[0] = '\0';
    } else if (reserved != NULL && *reserved != '\0') {
        module->real[0] = '\0';
        rc = err_set(&module->why, KS_ERR_TOKEN_UNSUPPORTED,
                     "x-init-reserved is set, which p11-kit alone hands to a "
                     "module; reach it by 'p11-kit server' and its client, or "
                     "remove that line if it starts without");
    }
    return rc;
}
