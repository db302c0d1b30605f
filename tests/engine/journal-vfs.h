/* journal-vfs.h: SQLite's way to the disk, with faults
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>
#include <sqlite3.h>

G_BEGIN_DECLS

/* What changes a file. */
typedef enum
{
  JOURNAL_VFS_WRITE = 1 << 0,
  JOURNAL_VFS_SYNC = 1 << 1,
  JOURNAL_VFS_TRUNCATE = 1 << 2, /* and making the shared memory larger */
  JOURNAL_VFS_ANY = 7,
} JournalVfsCall;

/**
 * JournalVfsFault:
 * @calls: that are counted
 * @nth: from 1; 0 for no fault
 * @code: SQLite's, for those that fail; a write that fails has written half
 * @for_ever: whether all that follow fail, too
 * @kills: the process ends there, and half of a write is on the disk
 * @cuts_power: with @kills: of what was not synced, only some has reached the disk; set while no
 *   file is open
 * @seed: of what reaches the disk; 0 for nothing
 * @bad_sync: this sync, from 1, fails besides; 0 for none
 */
typedef struct
{
  JournalVfsCall calls;
  guint nth;
  int code;
  gboolean for_ever;
  gboolean kills;
  gboolean cuts_power;
  guint32 seed;
  guint bad_sync;
} JournalVfsFault;

/** Stands in front of SQLite's own from now on. */
void journal_vfs_install (void);
/** @fault: (nullable): NULL ends it. The count begins anew. */
void journal_vfs_set_fault (const JournalVfsFault *fault);
/** Returns: whether the fault has shown since it was set */
gboolean journal_vfs_has_failed (void);
/** Returns: how many there were since the fault was set */
guint journal_vfs_count (JournalVfsCall call);
/** Returns: how many transactions were written */
guint journal_vfs_count_commits (void);

G_END_DECLS
