/* streamer-ledger.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-principal.h"
#include "streamer-storage.h"

G_BEGIN_DECLS

/**
 * StreamerUsage:
 * @stored: bytes of objects
 * @reserved: bytes of uploads that have not ended
 * @open_uploads: uploads that have not ended
 *
 * What a principal uses.
 */
typedef struct
{
  guint64 stored;
  guint64 reserved;
  guint64 open_uploads;
} StreamerUsage;

/**
 * StreamerLedger:
 *
 * Who uses how much, in SQLite, and the one place that says "no more". Room is reserved when an
 * upload begins, and becomes what the object has when it is finished: what is stored and what is
 * reserved is never more than the quota, however many begin at once and whenever the process is
 * killed. It knows nothing of the storage: StreamerMeteredStorage keeps both together. Any thread.
 * All errors are STREAMER_ERROR_FAILED or _NO_SPACE where nothing else is said.
 */
typedef struct _StreamerLedger StreamerLedger;

StreamerLedger *streamer_ledger_open (const char *path, GError **error);
void streamer_ledger_close (StreamerLedger *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerLedger, streamer_ledger_close)

/**
 * streamer_ledger_reserve:
 * @upload: what its principal wants to begin as @resume_id; room for @size is reserved, none where
 *   the size is unknown
 * @allowance: of the principal
 * @is_new: (out): FALSE where the same has been reserved before
 *
 * The reservation is for minutes, until streamer_ledger_confirm().
 *
 * Errors: STREAMER_ERROR_QUOTA
 */
gboolean streamer_ledger_reserve (StreamerLedger *self,
                                  const StreamerStorageUpload *upload,
                                  const char *resume_id,
                                  const StreamerAllowance *allowance,
                                  gboolean *is_new,
                                  GError **error);

/** streamer_ledger_confirm: @upload has been begun: it has its id and expiry now */
gboolean streamer_ledger_confirm (StreamerLedger *self,
                                  const StreamerStorageUpload *upload,
                                  const char *resume_id,
                                  GError **error);

/** streamer_ledger_withdraw: what was reserved could not be begun */
gboolean streamer_ledger_withdraw (StreamerLedger *self,
                                   const StreamerStorageUpload *upload,
                                   const char *resume_id,
                                   GError **error);

/**
 * streamer_ledger_reserve_part:
 * @upload: of unknown size
 *
 * Reserves room for a part, before it may be sent. The same part again takes the room of its
 * largest size.
 *
 * Errors: STREAMER_ERROR_QUOTA
 */
gboolean streamer_ledger_reserve_part (StreamerLedger *self,
                                       const StreamerStorageUpload *upload,
                                       guint number,
                                       guint64 size,
                                       const StreamerAllowance *allowance,
                                       GError **error);

/**
 * streamer_ledger_reserve_object:
 * @size: (inout): bytes that @key may get at most; lowered to what is left
 * @until: Unix time
 *
 * An object of @principal can come to be under @key without our being asked again, until then.
 *
 * Errors: STREAMER_ERROR_QUOTA where nothing is left
 */
gboolean streamer_ledger_reserve_object (StreamerLedger *self,
                                         const char *principal,
                                         const char *key,
                                         guint64 *size,
                                         gint64 until,
                                         const StreamerAllowance *allowance,
                                         GError **error);

/**
 * streamer_ledger_hold:
 * @until: Unix time
 *
 * The object of @upload can come to be without our being asked again, until then.
 */
gboolean streamer_ledger_hold (StreamerLedger *self,
                               const StreamerStorageUpload *upload,
                               gint64 until,
                               GError **error);

/** Gives back what @upload reserved; where it is held, when that is over. */
gboolean
streamer_ledger_cancel (StreamerLedger *self, const StreamerStorageUpload *upload, GError **error);

/**
 * streamer_ledger_settle:
 * @object: what it has become
 * @is_known: (out): FALSE where nothing was reserved for @upload (any more): nothing is done
 *
 * The reservation becomes an object; what was stored under its key before is given back to whom it
 * belonged.
 */
gboolean streamer_ledger_settle (StreamerLedger *self,
                                 const StreamerStorageUpload *upload,
                                 const StreamerStorageObject *object,
                                 gboolean *is_known,
                                 GError **error);

/** streamer_ledger_record: @object is stored under @key, and @principal's */
gboolean streamer_ledger_record (StreamerLedger *self,
                                 const char *principal,
                                 const char *key,
                                 const StreamerStorageObject *object,
                                 GError **error);

/**
 * streamer_ledger_begin_remove:
 * @version: (out): for streamer_ledger_end_remove()
 *
 * The object under @key is about to be removed. It is among the doubts until the end is told.
 */
gboolean streamer_ledger_begin_remove (StreamerLedger *self,
                                       const char *key,
                                       gint64 *version,
                                       GError **error);

/**
 * streamer_ledger_end_remove:
 *
 * The object is gone. Where another one was recorded under @key meanwhile, it stays doubtful which
 * of both was removed.
 */
gboolean
streamer_ledger_end_remove (StreamerLedger *self, const char *key, gint64 version, GError **error);

/**
 * StreamerDoubt:
 * @upload: (owned) (nullable): an upload whose time is over; NULL for an object
 * @key: (owned)
 *
 * Something that only the storage can tell.
 */
typedef struct
{
  StreamerStorageUpload *upload;
  char *key;
} StreamerDoubt;

/**
 * streamer_ledger_list_doubts:
 * @now: Unix time
 *
 * Returns: (transfer full) (element-type StreamerDoubt): or NULL with an error
 */
GPtrArray *streamer_ledger_list_doubts (StreamerLedger *self, gint64 now, GError **error);

/**
 * streamer_ledger_list_held:
 *
 * Returns: (transfer full) (element-type StreamerDoubt): what @principal's reservations by
 *   streamer_ledger_reserve_object() hold; or NULL with an error
 */
GPtrArray *streamer_ledger_list_held (StreamerLedger *self, const char *principal, GError **error);

/** As streamer_ledger_resolve(), for what is held: it goes on being looked at until that is over. */
gboolean streamer_ledger_resolve_held (StreamerLedger *self,
                                       const StreamerDoubt *doubt,
                                       const StreamerStorageObject *object,
                                       GError **error);

/**
 * streamer_ledger_resolve:
 * @object: (nullable): what is stored under the key of @doubt
 *
 * An object that an upload without an end left is its principal's, unless it is known already.
 */
gboolean streamer_ledger_resolve (StreamerLedger *self,
                                  const StreamerDoubt *doubt,
                                  const StreamerStorageObject *object,
                                  GError **error);

gboolean streamer_ledger_get_usage (StreamerLedger *self,
                                    const char *principal,
                                    StreamerUsage *usage,
                                    GError **error);

G_END_DECLS
