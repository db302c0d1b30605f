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
 * @journal: (owned) (nullable): see streamer_run_open_journal()
 * @signal_number: that interrupted the run, or 0
 * @given_up: (owned) (nullable): why nothing goes on: interrupted, or not signed in
 * @stop_error: (owned) (nullable): why what is under way could not be ended or kept
 * @is_unread: it was interrupted before all files were found
 *
 * One run of the command line: what all that it can do shares. Owner's thread.
 */
struct _StreamerRun
{
  const StreamerOptions *options;
  const char *const *argv;
  StreamerConsole *console;
  StreamerReporter *reporter;
  StreamerSetup setup;
  StreamerQueue *queue;
  StreamerJournal *journal;
  GMainLoop *loop;
  GCancellable *cancellable;
  StreamerTally tally;
  int signal_number;
  GError *given_up;
  GError *stop_error;
  gboolean is_unread;

  gboolean ended; /* everything is over */
  gboolean is_stopping;
  gboolean quit;                   /* so is what comes behind */
  GCancellable *clean_cancellable; /* (owned) (nullable): as long as the journal is cleaned */
  guint signal_sources[3];
  StreamerPrompt *prompt;
  StreamerConnection *asks_for; /* (owned) (nullable) */
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
 * streamer_run_open_journal:
 *
 * From now on what is in the queue is written down in the user's journal. Says where a damaged one
 * was put. Returns: FALSE with @error, which names the file and says what to do
 */
gboolean streamer_run_open_journal (StreamerRun *self, GError **error);

/**
 * streamer_run_clean:
 *
 * Begins to tell stores of the uploads that the journal has as given up. Fails silently, and does
 * not hold up the end of the run.
 */
void streamer_run_clean (StreamerRun *self);

/**
 * streamer_run_sign_in:
 * @connection: whose server wants a token
 * @error: why the server wants a token
 *
 * Asks for a token where there is somebody to ask, at most three times until one is good, and hands
 * it to the secrets. @signed_in is called once.
 */
void streamer_run_sign_in (StreamerRun *self,
                           StreamerConnection *connection,
                           const GError *error,
                           StreamerRunSignedIn signed_in,
                           gpointer user_data);

/** What was entered was good: the next question is a first one again. */
void streamer_run_forget_questions (StreamerRun *self);
/** Returns: whether a token is being asked for */
gboolean streamer_run_is_signing_in (StreamerRun *self);

/** Stops everything, and ends the loop when what is not over is kept, or let go of. @error: why */
void streamer_run_give_up (StreamerRun *self, const GError *error);

/** Waits until everything is over, or given up. */
void streamer_run_wait (StreamerRun *self);
/** Everything is over. The wait ends when the stores have heard of it, and the journal is written. */
void streamer_run_end (StreamerRun *self);

/** Returns: the exit status of what is over */
int streamer_run_get_exit (StreamerRun *self);

G_END_DECLS
