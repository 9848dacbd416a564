/* SPDX-License-Identifier: Apache-2.0 */
/* A download as a browser does it: the login page, its form, the cookie, the
 * page of the vault, its form.  Knows of the service what its pages say. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "tests/vault/service/fault.h"
#include "tests/vault/service/founding.h"
#include "tests/vault/ctl/vaultctl.h"

#define VALUE_MAX 128
#define URL_MAX 256
#define COPIES_MAX 1000

struct browser {
    CURL *web;
    char base[64]; /* URL without a path */
    char csrf[VALUE_MAX];
    char file_name[VALUE_MAX]; /* of the last reply's Content-Disposition */
};

/* What stands between BEFORE and the next quotation mark. */
static bool
read_between(const char *text, const char *before, char ret[static VALUE_MAX])
{
    const char *at = text != NULL ? strstr(text, before) : NULL;
    size_t length;

    if (at == NULL)
        return false;
    at += strlen(before);
    length = strcspn(at, "\"");
    if (length >= VALUE_MAX)
        return false;
    (void)snprintf(ret, VALUE_MAX, "%.*s", (int)length, at);
    return true;
}

static size_t
take_header(char *bytes, size_t size, size_t count, void *context)
{
    static const char name[] = "Content-Disposition:";
    struct browser *browser = context;
    char line[2 * VALUE_MAX];

    (void)snprintf(line, sizeof line, "%.*s", (int)(size * count), bytes);
    if (strncasecmp(line, name, sizeof name - 1) == 0)
        (void)read_between(line, "filename=\"", browser->file_name);
    return size * count;
}

/* PATH's reply to FORM (NULL: a GET), which must have STATUS. */
static bool
ask(struct browser *browser, const char *path, const char *form, long status,
    char **ret)
{
    char url[URL_MAX];
    long got;

    (void)snprintf(url, sizeof url, "%s%s", browser->base, path);
    got = vaultctl_web_ask(browser->web, url, form, ret);
    if (got == status)
        return true;
    return fault("%s answers %ld %.40s", url, got,
                 got == 0 && *ret != NULL ? *ret : "");
}

/* A page whose form's token is taken over. */
static bool
get_page(struct browser *browser, const char *path, char **ret)
{
    return ask(browser, path, NULL, 200, ret) &&
           (read_between(*ret, "name=\"csrf\" value=\"", browser->csrf) ||
            fault("%s has no form", path));
}

static bool
post(struct browser *browser, const char *path, const char *fields, long status,
     char **ret)
{
    char form[2 * URL_MAX];

    (void)snprintf(form, sizeof form, "csrf=%s&%s", browser->csrf, fields);
    return ask(browser, path, form, status, ret);
}

static bool
read_password(const struct place *place, char ret[static VALUE_MAX])
{
    FILE *file = fopen(place->path[PLACE_PASSWORD], "re");
    bool done = file != NULL && fgets(ret, VALUE_MAX, file) != NULL;

    if (file != NULL)
        (void)fclose(file);
    if (!done)
        return fault("%s: %m", place->path[PLACE_PASSWORD]);
    ret[strcspn(ret, "\n")] = '\0';
    return true;
}

static bool
log_in(struct browser *browser, const struct place *place)
{
    char password[VALUE_MAX];
    char fields[2 * VALUE_MAX];
    char *page = NULL;
    char *reply = NULL;
    bool done = read_password(place, password) &&
                get_page(browser, "/login", &page);

    if (done) {
        (void)snprintf(fields, sizeof fields, "name=%s&password=%s",
                       FOUNDING_USER, password);
        done = post(browser, "/login", fields, 303, &reply);
    }
    free(page);
    free(reply);
    return done;
}

/* Follow the link that has the vault's name. */
static bool
open_vault(struct browser *browser, const char *name,
           char path[static VALUE_MAX])
{
    char link[VALUE_MAX];
    char *page = NULL;
    char *at;
    bool done = get_page(browser, "/vaults", &page);

    (void)snprintf(link, sizeof link, "\">%.64s</a>", name);
    at = done ? strstr(page, link) : NULL;
    if (at != NULL) {
        *at = '\0';
        at = strrchr(page, '"');
    }
    if (at != NULL)
        (void)snprintf(path, VALUE_MAX, "%s", at + 1);
    else if (done)
        fault("%.64s: there is no such vault", name);
    free(page);
    page = NULL;
    done = at != NULL && get_page(browser, path, &page);
    free(page);
    return done;
}

/* NAME, or NAME with a number before its extension where that is taken. */
static int
create(const char *directory, const char *name, char path[static PATH_MAX])
{
    const char *extension = strrchr(name, '.');
    int fd = -1;

    if (extension == NULL)
        extension = name + strlen(name);
    for (int copy = 0; fd < 0 && copy < COPIES_MAX; copy++) {
        char number[16] = "";

        if (copy > 0)
            (void)snprintf(number, sizeof number, " (%d)", copy);
        (void)snprintf(path, PATH_MAX, "%s/%.*s%s%s", directory,
                       (int)(extension - name), name, number, extension);
        fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                  0600);
        if (fd < 0 && errno != EEXIST)
            break;
    }
    if (fd < 0)
        fault("%s: %m", path);
    return fd;
}

static bool
save(const struct browser *browser, const char *directory, const char *body)
{
    char path[PATH_MAX];
    size_t length = strlen(body);
    int fd;
    bool done;

    if (browser->file_name[0] == '\0' ||
        strchr(browser->file_name, '/') != NULL)
        return fault("the reply has no file name");
    fd = create(directory, browser->file_name, path);
    if (fd < 0)
        return false;
    done = write(fd, body, length) == (ssize_t)length;
    if (close(fd) != 0 || !done)
        return fault("%s: %m", path);
    return printf("%s\n", path) > 0 && fflush(stdout) == 0;
}

static bool
download(struct browser *browser, const char *path,
         const struct vaultctl_options *options)
{
    char target[VALUE_MAX + 16];
    char fields[URL_MAX];
    char *body = NULL;
    char *page = NULL;
    bool done;

    (void)snprintf(target, sizeof target, "%s/credentials", path);
    (void)snprintf(fields, sizeof fields, "machines=%s%s%.16s",
                   options->machines, options->key != NULL ? "&key=" : "",
                   options->key != NULL ? options->key : "");
    done = post(browser, target, fields, 200, &body) &&
           save(browser, options->out, body);
    if (body != NULL)
        OPENSSL_cleanse(body, strlen(body));
    free(body);
    /* On the same connection: when this is answered, nginx has done with the
     * file. */
    done = done && post(browser, "/logout", "", 303, &page);
    free(page);
    return done;
}

bool
vaultctl_download(const struct vaultctl_options *options)
{
    struct browser browser = {0};
    struct place place;
    char path[VALUE_MAX];
    unsigned port;
    bool done;

    if (options->machines == NULL || options->out == NULL)
        return fault("download needs --machines and --out");
    if (!place_init(&place, options->directory))
        return false;
    port = vaultctl_port(&place);
    if (port == 0)
        return fault("%s: the service is not running", options->directory);
    (void)snprintf(browser.base, sizeof browser.base, "https://localhost:%u",
                   port);
    browser.web = vaultctl_web_open(&place);
    if (browser.web == NULL)
        return false;
    (void)curl_easy_setopt(browser.web, CURLOPT_HEADERFUNCTION, take_header);
    (void)curl_easy_setopt(browser.web, CURLOPT_HEADERDATA, &browser);
    done = log_in(&browser, &place) &&
           open_vault(&browser, options->argument, path) &&
           download(&browser, path, options);
    curl_easy_cleanup(browser.web);
    return done;
}
