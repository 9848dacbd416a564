/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A holdfast-net that has no time: libcurl's limits are seconds, and pauses
 * between repetitions pass at once, on a clock of its own.  All else is the
 * real one.
 */
#include <stdarg.h>
#include <stdint.h>
#include <time.h>

#include <curl/curl.h>

#define LIMIT_SECONDS 3L

CURLcode __real_curl_easy_setopt(CURL *curl, CURLoption option, ...);
CURLcode __wrap_curl_easy_setopt(CURL *curl, CURLoption option, ...);
int __real_clock_gettime(clockid_t clock, struct timespec *ret);
int __wrap_clock_gettime(clockid_t clock, struct timespec *ret);
int __wrap_clock_nanosleep(clockid_t clock, int flags,
                           const struct timespec *time, struct timespec *rest);

static struct timespec passed; /* in pauses */

int
__wrap_clock_gettime(clockid_t clock, struct timespec *ret)
{
    int rc = __real_clock_gettime(clock, ret);

    ret->tv_sec += passed.tv_sec;
    ret->tv_nsec += passed.tv_nsec;
    return rc;
}

int
__wrap_clock_nanosleep(clockid_t clock, int flags, const struct timespec *time,
                       struct timespec *rest)
{
    (void)clock;
    (void)flags;
    (void)rest;
    passed.tv_sec += time->tv_sec;
    passed.tv_nsec += time->tv_nsec;
    return 0;
}

/* By the kind of the option (curl/curl.h), its one argument. */
CURLcode
__wrap_curl_easy_setopt(CURL *curl, CURLoption option, ...)
{
    CURLcode code;
    va_list arguments;

    va_start(arguments, option);
    if (option == CURLOPT_TIMEOUT || option == CURLOPT_CONNECTTIMEOUT)
        code = __real_curl_easy_setopt(curl, option, LIMIT_SECONDS);
    else if ((int)option < CURLOPTTYPE_OBJECTPOINT)
        code = __real_curl_easy_setopt(curl, option, va_arg(arguments, long));
    else if ((int)option < CURLOPTTYPE_FUNCTIONPOINT ||
             (int)option >= CURLOPTTYPE_BLOB)
        code = __real_curl_easy_setopt(curl, option, va_arg(arguments, void *));
    else if ((int)option < CURLOPTTYPE_OFF_T)
        code = __real_curl_easy_setopt(curl, option,
                                       va_arg(arguments, void (*)(void)));
    else
        code = __real_curl_easy_setopt(curl, option,
                                       va_arg(arguments, curl_off_t));
    va_end(arguments);
    return code;
}
