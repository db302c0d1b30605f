/* streamer-queue-memory.c: what the journal remembers of connections, under what they are: their ids
 * and names may be another's later
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Threads: streamer_queue_give_memory() is the owner's; stores recall and remember on any. */

#include "streamer-queue-private.h"

#include "streamer-connection-record.h"

/* Whose memory a connection has: a StreamerJournal, which is only compared. */
static G_DEFINE_QUARK (streamer - queue - memory, given);

/* A connection may outlive the queue, and does not keep its journal open. */
typedef struct
{
  GWeakRef journal;
  char *record; /* (owned) */
} Memory;

static char *
recall (const char *name, gpointer user_data)
{
  Memory *memory = user_data;
  g_autoptr (StreamerJournal) journal = g_weak_ref_get (&memory->journal);

  return journal != NULL ? streamer_journal_recall (journal, memory->record, name) : NULL;
}

static void
remember (const char *name, const char *value, gpointer user_data)
{
  Memory *memory = user_data;
  g_autoptr (StreamerJournal) journal = g_weak_ref_get (&memory->journal);

  if (journal != NULL)
    streamer_journal_remember (journal, memory->record, name, value);
}

static void
memory_free (gpointer user_data)
{
  Memory *memory = user_data;

  g_weak_ref_clear (&memory->journal);
  g_free (memory->record);
  g_free (memory);
}

void
streamer_queue_give_memory (StreamerQueue *self, StreamerConnection *connection)
{
  StreamerConnectionMemory functions = { .recall = recall,
                                         .remember = remember,
                                         .destroy = memory_free };
  Memory *memory;

  if (self->journal == NULL ||
      g_object_get_qdata (G_OBJECT (connection), given_quark ()) == self->journal)
    return;
  g_object_set_qdata (G_OBJECT (connection), given_quark (), self->journal);
  memory = g_new0 (Memory, 1);
  g_weak_ref_init (&memory->journal, self->journal);
  memory->record = streamer_connection_to_record (connection);
  functions.user_data = memory;
  streamer_connection_set_memory (connection, &functions);
}
