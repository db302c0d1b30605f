/* resume-fixture.h: a queue with a journal, and runs of the program that end and begin
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "test-flow.h"

G_BEGIN_DECLS

/* Bytes of a part, and workers of the queue. */
#define RESUME_PART    1000
#define RESUME_WORKERS 2

typedef struct
{
  TestFlow flow;
  char *state; /* (owned) (type filename): the journal's folder */
  StreamerJournal *journal;
  StreamerQueue *queue;
} ResumeFixture;

/** Set up with a first run. */
void resume_fixture_set_up (ResumeFixture *self, gconstpointer data);
void resume_fixture_tear_down (ResumeFixture *self, gconstpointer data);

/** Another run of the program, with an empty queue. */
void resume_fixture_start (ResumeFixture *self);
/** The run ends at once, without a goodbye: what workers are about is given up. */
void resume_fixture_crash (ResumeFixture *self);
/** The run ends in good order. */
void resume_fixture_stop (ResumeFixture *self);
/** Restores what the journal has. Returns: how many */
guint resume_fixture_restore (ResumeFixture *self, StreamerRestoreFlags flags);
/** Crash, start, and restore everything. */
void resume_fixture_restart (ResumeFixture *self);

/** Adds a file of its own. Returns: (transfer none) */
StreamerTransfer *resume_fixture_add (ResumeFixture *self, const char *name, gsize size);
/** Returns: (transfer full): the bytes of the file that resume_fixture_add() made */
GBytes *resume_fixture_make_bytes (const char *name, gsize size);
/** Returns: (transfer none): the only transfer */
StreamerTransfer *resume_fixture_get (ResumeFixture *self);
/** Blocks the store after @n parts, and waits until it has them. */
void resume_fixture_hold_after (ResumeFixture *self, guint n);
/** Waits until it is over, and whole in the store, and nothing is left of it. */
void resume_fixture_assert_done (ResumeFixture *self, const char *name, gsize size);
void resume_fixture_assert_failed (ResumeFixture *self, StreamerError code);
/** Neither the store nor the journal has an upload. */
void resume_fixture_assert_no_upload (ResumeFixture *self);
guint resume_fixture_count (ResumeFixture *self, FakeOperation operation);
/** Runs SQL on the journal between two runs, as nobody should. */
void resume_fixture_spoil (ResumeFixture *self, const char *sql);
/** Runs the janitor. Returns: how many uploads were aborted */
int resume_fixture_clean (ResumeFixture *self);

G_END_DECLS
