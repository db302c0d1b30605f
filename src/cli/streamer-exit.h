/* streamer-exit.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Scripts depend on these numbers. */
typedef enum
{
  STREAMER_EXIT_DONE = 0,
  STREAMER_EXIT_FAILED = 1,
  STREAMER_EXIT_USAGE = 2,
  STREAMER_EXIT_AUTH = 3,
  STREAMER_EXIT_NETWORK = 4,
  STREAMER_EXIT_SOURCE = 5,
  STREAMER_EXIT_SOME_FAILED = 6,
  STREAMER_EXIT_INTERRUPTED = 130,
} StreamerExit;

/** Returns: the exit status of a run that ends with @error */
int streamer_exit_from_error (const GError *error);

/** Returns: the exit status of a run that was ended by a signal, as shells compute it */
int streamer_exit_from_signal (int signal_number);

/**
 * StreamerTally:
 * @done: items that succeeded
 * @failed: items that did not
 * @status: the exit status that all failed ones share, or STREAMER_EXIT_FAILED where they differ
 *
 * What becomes of several items. Initialise to zeros.
 */
typedef struct
{
  guint done;
  guint failed;
  int status;
} StreamerTally;

void streamer_tally_add_done (StreamerTally *self);
void streamer_tally_add_failed (StreamerTally *self, const GError *error);

/**
 * streamer_tally_get_exit:
 *
 * Returns: STREAMER_EXIT_DONE where nothing failed; the status of the failure where everything
 *   failed in the same way, STREAMER_EXIT_FAILED where it failed in different ways; and
 *   STREAMER_EXIT_SOME_FAILED where something succeeded
 */
int streamer_tally_get_exit (const StreamerTally *self);

G_END_DECLS
