/* fault-world.h: a queue before a faulty server, for one schedule
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "fault-server.h"
#include "streamer-queue.h"
#include "test-clock.h"

G_BEGIN_DECLS

#define FAULT_CONNECTION "faults"

/**
 * FaultEnd:
 * @at: behind how many requests
 * @orderly: by streamer_queue_stop_async(); else the program is killed
 * @cleans: the janitor of the next run goes to work
 *
 * An end of the program, and the beginning of the next run.
 */
typedef struct
{
  guint at;
  gboolean orderly;
  gboolean cleans;
} FaultEnd;

/**
 * FaultWorld:
 * @script: (owned) (element-type Fault)
 * @failures: (owned): sentences about what must not be; empty where all is well
 *
 * Files, a server, and a program's engine between them, all of which follows from a seed: how many
 * files of how many parts, by the request API or straight to a bucket, how many workers, when all
 * is paused for a moment, when the program ends and is started again, and which faults strike. Time
 * is a TestClock's.
 */
typedef struct
{
  guint64 seed;
  FaultDice dice;
  GArray *script;
  GString *failures;

  gboolean s3;
  gboolean overwrite;
  gboolean holds; /* somebody is there who can sign in to the network */
  guint n_workers;
  guint64 part_size;
  guint pause_at;  /* how many requests are waited for; 0 for never, as the next one */
  guint cancel_at; /* then the first file is given up */
  GArray *ends;    /* (owned) (element-type FaultEnd) */
  guint n_ends;    /* that have come */
  char *folder;    /* (owned) (type filename) */
  char *state;     /* (owned) (type filename): the journal's folder */
  guint n_copies;  /* of that, that were made */
  GPtrArray *keys; /* (owned) (element-type utf8): of the files, which are called so too */
  FaultServer *server;
  StreamerSecrets *secrets;
  TestClock *clock;

  StreamerConnection *connection;
  StreamerTarget *target;
  StreamerJournal *journal;
  StreamerQueue *queue;
  gboolean healed;
  guint n_adding; /* calls that are not over, as the next three */
  guint n_restoring;
  guint n_cleaning;
  guint n_stopping;
  guint n_tokens; /* that were given in this run */
  guint n_goes;   /* how often workers have set out: what each has on its way may stay unheard of */
  gint64 listens_at;
} FaultWorld;

/** @script: (nullable): in place of the seed's own */
FaultWorld *fault_world_new (guint64 seed, GArray *script);
void fault_world_free (FaultWorld *world);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FaultWorld, fault_world_free)

/** The program starts, restores what its journal has, and is given the files that it has not. */
void fault_world_begin (FaultWorld *world);
/** Until nothing goes on by itself; a token that is missing is given, a few times. */
void fault_world_run (FaultWorld *world);
/** The server is well again, everything that is not done is resumed and run, and what was given up
 * is cleaned up. */
void fault_world_heal (FaultWorld *world);
/** @healed: nothing has failed since, so everything has to be there */
void fault_world_check (FaultWorld *world, gboolean healed);

/** Returns: (transfer full): what the world is like */
char *fault_world_to_string (FaultWorld *world);

/** Once a program, behind g_test_init(): keeps what is logged, for fault_world_check(). */
void fault_world_capture_log (void);

G_END_DECLS
