/* streamer-run.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-console.h"
#include "streamer-exit.h"
#include "streamer-prompt.h"
#include "streamer-queue.h"
#include "streamer-reporter.h"
#include "streamer-setup.h"

G_BEGIN_DECLS

typedef struct _StreamerRun StreamerRun;

/** @error: (nullable): why no token was given, or NULL where one was */
typedef void (*StreamerRunSignedIn) (StreamerRun *run, const GError *error, gpointer user_data);

/**
 * StreamerRun:
 * @cancellable: (owned): of everything that is not in the queue
 * @tally: what has become of the items so far
 * @signal_number: that interrupted the run, or 0
 * @given_up: (owned) (nullable): why nothing goes on: interrupted, or not signed in
 *
 * One run of the command line: what uploading and purging share. Owner's thread.
 */
struct _StreamerRun
{
  const StreamerOptions *options;
  const char *const *argv;
  StreamerConsole *console;
  StreamerReporter *reporter;
  StreamerSetup setup;
  StreamerQueue *queue;
  GMainLoop *loop;
  GCancellable *cancellable;
  StreamerTally tally;
  int signal_number;
  GError *given_up;

  gboolean ended; /* everything is over */
  gboolean quit;  /* so is what comes behind */
  guint signal_sources[3];
  StreamerPrompt *prompt;
  guint n_asked;
  StreamerRunSignedIn signed_in;
  gpointer signed_in_data;
};

/** @setup: (transfer full): cleared with the run */
StreamerRun *streamer_run_new (const StreamerOptions *options,
                               const char *const *argv,
                               StreamerConsole *console,
                               StreamerReporter *reporter,
                               StreamerSetup *setup);
void streamer_run_free (StreamerRun *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerRun, streamer_run_free)

/**
 * streamer_run_sign_in:
 * @error: why the server wants a token
 *
 * Asks for a token where there is somebody to ask, at most three times in a run, and hands it to
 * the secrets. @signed_in is called once.
 */
void streamer_run_sign_in (StreamerRun *self,
                           const GError *error,
                           StreamerRunSignedIn signed_in,
                           gpointer user_data);
/** Returns: whether a token is being asked for */
gboolean streamer_run_is_signing_in (StreamerRun *self);

/** Cancels everything, and ends the loop when the server has let go. @error: why */
void streamer_run_give_up (StreamerRun *self, const GError *error);

/** Waits until everything is over, or given up. */
void streamer_run_wait (StreamerRun *self);
/** Everything is over. What failed is let go of in the store before the wait ends. */
void streamer_run_end (StreamerRun *self);

/** Returns: the exit status of what is over */
int streamer_run_get_exit (StreamerRun *self);

G_END_DECLS
