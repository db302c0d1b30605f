/* fault-world.h: a queue before a faulty server, for one schedule
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "fault-server.h"
#include "streamer-queue.h"
#include "test-clock.h"

G_BEGIN_DECLS

/**
 * FaultWorld:
 * @script: (owned) (element-type Fault)
 * @failures: (owned): sentences about what must not be; empty where all is well
 *
 * Files, a server, and a program's engine between them, all of which follows from a seed: how many
 * files of how many parts, by the request API or straight to a bucket, how many workers, when all
 * is paused for a moment, and which faults strike. Time is a TestClock's.
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
  guint pause_at;  /* how many requests are waited for; 0 for never, as the next two */
  guint cancel_at; /* then the first file is given up */
  guint crash_at;
  char *folder;    /* (owned) (type filename) */
  GPtrArray *keys; /* (owned) (element-type utf8): of the files, which are called so too */
  FaultServer *server;
  StreamerSecrets *secrets;
  TestClock *clock;

  StreamerConnection *connection;
  StreamerTarget *target;
  StreamerQueue *queue;
  guint n_adding;
  guint n_tokens; /* that were given in this run */
  gint64 listens_at;
} FaultWorld;

/** @script: (nullable): in place of the seed's own */
FaultWorld *fault_world_new (guint64 seed, GArray *script);
void fault_world_free (FaultWorld *world);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FaultWorld, fault_world_free)

/** The program starts. @add: and is given the files */
void fault_world_begin (FaultWorld *world, gboolean add);
/** Nothing more is done or said for the queue, as where the program is killed. Until there is a
 * journal that says what went on, that is forgotten; fault_world_begin() then adds the files anew. */
void fault_world_crash (FaultWorld *world);
/** Until nothing goes on by itself; a token that is missing is given, a few times. */
void fault_world_run (FaultWorld *world);
/** The server is well again, and everything that is not done is resumed and run. */
void fault_world_heal (FaultWorld *world);
/** @healed: nothing has failed since, so everything has to be there */
void fault_world_check (FaultWorld *world, gboolean healed);

/** Returns: (transfer full): what the world is like */
char *fault_world_to_string (FaultWorld *world);

/** Once a program, behind g_test_init(): keeps what is logged, for fault_world_check(). */
void fault_world_capture_log (void);

G_END_DECLS
