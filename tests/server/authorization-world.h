/* authorization-world.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "authorization-oracle.h"
#include "handler-fixture.h"

/* Bytes of what is there before, and of what is uploaded. */
#define WORLD_OLD_SIZE 3
#define WORLD_NEW_SIZE 10

/**
 * Snapshot: what the server keeps
 */
typedef struct
{
  GHashTable *objects; /* (owned): key to size */
  guint n_uploads;
  guint n_staged;
} Snapshot;

void snapshot_take (HandlerFixture *fixture, Snapshot *snapshot);
void snapshot_clear (Snapshot *snapshot);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Snapshot, snapshot_clear)

/* Whether @after is @before with what @verdict says. */
gboolean snapshot_is_followed (const Snapshot *before,
                               const Snapshot *after,
                               const OracleCase *asked,
                               const OracleVerdict *verdict);

/* An object that came by another way. */
void world_put (HandlerFixture *fixture, const char *key);
gboolean world_has (HandlerFixture *fixture, const char *key);
/* Leaves the objects that are always there, and no others. */
void world_reset (HandlerFixture *fixture);

/**
 * WorldUpload: what a request about an upload or a temporary object finds
 */
typedef struct
{
  StreamerStorageUpload *upload; /* (owned) (nullable) */
  char *id;                      /* (owned): as the client has it */
  char *etag;                    /* (owned) (nullable): of its part */
  char *part_name;               /* (owned): as the client has it */
  char *own_key, *foreign_key;   /* (owned) (nullable): of temporary objects */
  char *foreigner;               /* (owned) */
} WorldUpload;

/* Begins an upload of @name's, or of whom @asked wants, whatever anybody may do. */
void world_begin (HandlerFixture *fixture,
                  WorldUpload *world,
                  const char *name,
                  const OracleCase *asked);
void world_end (HandlerFixture *fixture, WorldUpload *world);
/* Gives up what a request has begun. */
void world_cancel (HandlerFixture *fixture, const char *name, const char *upload_id);
