/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between the memory test and what it preloads: environment variables, the file
 * of needles, and the lines of the report.
 */
#ifndef TESTS_PROGRAMS_SCAN_PRELOAD_H
#define TESTS_PROGRAMS_SCAN_PRELOAD_H

#include <stdint.h>

#define SCAN_NEEDLES "SCAN_NEEDLES" /* the file's path */
#define SCAN_REPORT "SCAN_REPORT"   /* a FIFO's; files have a limit */

/* A record of the file.  Its bytes are masked: a process that looks for them
 * must not have them itself. */
#define SCAN_LENGTH 24
#define SCAN_MASK 0xa5
#define SCAN_MOST 512

struct scan_needle {
    char what[12];
    uint8_t length; /* 4 to SCAN_LENGTH */
    uint8_t bytes[SCAN_LENGTH];
};

/* A line for each scan, and one for each kind of needle that was found:
 *     PROGRAM POINT scanned MEBIBYTES
 *     PROGRAM POINT WHAT HITS */

#endif
