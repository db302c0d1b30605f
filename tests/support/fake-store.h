/* fake-store.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-error.h"
#include "streamer-store.h"

G_BEGIN_DECLS

typedef enum
{
  FAKE_GET_LIMITS,
  FAKE_BEGIN,
  FAKE_PUT_PART,
  FAKE_LIST_PARTS,
  FAKE_FINISH,
  FAKE_CANCEL,
  FAKE_REMOVE,
  FAKE_LINK,
  FAKE_LIST_UNFINISHED,
} FakeOperation;

#define FAKE_N_OPERATIONS (FAKE_LIST_UNFINISHED + 1)

#define STREAMER_TYPE_FAKE_STORE (streamer_fake_store_get_type ())
G_DECLARE_FINAL_TYPE (StreamerFakeStore, streamer_fake_store, STREAMER, FAKE_STORE, GObject)

/**
 * StreamerFakeStore:
 *
 * A store in memory that does what its script says. Parts may be of any size, objects are kept
 * whole, so that a test compares bytes. All functions may be called from any thread.
 */
StreamerFakeStore *streamer_fake_store_new (void);
void streamer_fake_store_set_limits (StreamerFakeStore *self, const StreamerLimits *limits);
/** Parts are read and thrown away: for tests that count, and do not compare. */
void streamer_fake_store_set_keep_bytes (StreamerFakeStore *self, gboolean keep_bytes);

/** As a bucket does: each call of begin() begins another upload, and it tells which are unfinished. */
void streamer_fake_store_set_is_bucket (StreamerFakeStore *self, gboolean is_bucket);
/** @seconds: that the store's clock is ahead */
void streamer_fake_store_set_clock_offset (StreamerFakeStore *self, gint64 seconds);
/** All uploads that are open were begun @seconds earlier. */
void streamer_fake_store_age_uploads (StreamerFakeStore *self, guint seconds);

/**
 * streamer_fake_store_fail:
 * @nth: the call that fails, from 1 and counted per operation; 0 for each
 * @code: of STREAMER_ERROR
 * @lost: the call does its work, and only the answer is lost
 */
void streamer_fake_store_fail (StreamerFakeStore *self,
                               FakeOperation operation,
                               guint nth,
                               StreamerError code,
                               gboolean lost);
/** The @nth call waits, before it does anything, until it is cancelled or let on. */
void streamer_fake_store_block (StreamerFakeStore *self, FakeOperation operation, guint nth);
/** As streamer_fake_store_block(), but it has done its work and only then waits. */
void streamer_fake_store_block_answer (StreamerFakeStore *self, FakeOperation operation, guint nth);
/** Runs @func on the worker, before the @nth call does anything. */
void streamer_fake_store_call (StreamerFakeStore *self,
                               FakeOperation operation,
                               guint nth,
                               GFunc func,
                               gpointer user_data);
/** What waits goes on, and nothing else waits; the rest of the script stands. */
void streamer_fake_store_let_on (StreamerFakeStore *self);
/** Forgets the script; what waits goes on. */
void streamer_fake_store_clear_script (StreamerFakeStore *self);

guint streamer_fake_store_get_n_calls (StreamerFakeStore *self, FakeOperation operation);
/** Returns: how many calls wait */
guint streamer_fake_store_get_n_blocked (StreamerFakeStore *self);
/** Returns: the most calls of put_part() that ran at the same time */
guint streamer_fake_store_get_max_at_once (StreamerFakeStore *self);
/** Returns: uploads that were begun and neither finished nor cancelled */
guint streamer_fake_store_get_n_uploads (StreamerFakeStore *self);
guint streamer_fake_store_get_n_objects (StreamerFakeStore *self);
/** Returns: (transfer full) (nullable): the object's bytes */
GBytes *streamer_fake_store_get_object (StreamerFakeStore *self, const char *key);
/** Returns: (transfer full) (nullable) */
char *streamer_fake_store_get_content_type (StreamerFakeStore *self, const char *key);
void streamer_fake_store_set_object (StreamerFakeStore *self, const char *key, const char *text);
/** Forgets all uploads that are open, as a store does that was cleaned up. */
void streamer_fake_store_forget_uploads (StreamerFakeStore *self);
/** Loses one part of every open upload. */
void streamer_fake_store_forget_part (StreamerFakeStore *self, guint number);

G_END_DECLS
