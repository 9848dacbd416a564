/* SPDX-License-Identifier: Apache-2.0 */
/* HTML under construction.  What is put into a page is escaped unless it stands
 * in the program's own text, so that no name can become markup. */
#ifndef VAULT_HTML_H
#define VAULT_HTML_H

#include <stdbool.h>
#include <stdint.h>

struct html;

/* NULL without memory; every call below passes NULL over. */
struct html *html_new(void);

/* The text, taken over by the caller; HTML ends.  NULL without memory. */
char *html_end(struct html **html);

/* FORMAT is markup; it knows %s alone, whose text is escaped. */
__attribute__((format(printf, 2, 3))) void html_add(struct html *html,
                                                    const char *format, ...);

/* A point in time, for people and for programs: <time datetime="...">. */
void html_time(struct html *html, int64_t at);

/* A number of bytes for people, as in "12.3 MB". */
#define HTML_SIZE 24
const char *html_size(int64_t bytes, char ret[static HTML_SIZE]);

#endif
