/* fault-script.h: which faults a schedule has, and where
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * FaultOperation:
 *
 * What a server is asked for, by the names of the request API: FAULT_BEGIN is also S3's
 * CreateMultipartUpload, FAULT_FINISH its CompleteMultipartUpload, and so on.
 */
typedef enum
{
  FAULT_CAPABILITIES,
  FAULT_BEGIN,
  FAULT_PRESIGN,
  FAULT_PUT,
  FAULT_PARTS,
  FAULT_FINISH,
  FAULT_CANCEL,
  FAULT_STAT,
  FAULT_REMOVE,
  FAULT_UPLOADS,
  FAULT_ANY,
} FaultOperation;

#define FAULT_N_OPERATIONS (FAULT_ANY + 1)

/**
 * FaultKind:
 * @FAULT_REFUSED: the request is reset, and for a while nothing listens any more
 * @FAULT_RESET_REQUEST: a reset, when so many bytes of the request's body have come
 * @FAULT_RESET_ANSWER: a reset behind so many bytes of the answer
 * @FAULT_STALL_REQUEST: not a byte more, when so many bytes of the body have come
 * @FAULT_STALL_ANSWER: not a byte more, behind so many bytes of the answer
 * @FAULT_SLOW: the answer comes byte by byte, over minutes
 * @FAULT_TRUNCATED: the connection ends behind so many bytes of the answer
 * @FAULT_GARBAGE: what comes is not HTTP
 * @FAULT_PORTAL: a web page, with 200
 * @FAULT_WRONG_ETAG: the ETag of other bytes
 * @FAULT_LOST: it is done, and not answered
 * @FAULT_TWICE: it is answered twice
 * @FAULT_EARLY_BUSY: 503 before so many bytes of the body have come, and the connection ends
 * @FAULT_STALE: a connection that was kept ends just when the request comes
 * @FAULT_CLOSED: the connection ends behind the answer, which did not say so
 * @FAULT_ERROR_IN_200: S3's Error (or a refusal of the request API) with 200
 * @FAULT_REDIRECT: a redirect to somewhere else
 * @FAULT_HUGE: an answer of more than 1 MiB
 * @FAULT_DEEP: an answer that is nested a hundred thousand times
 * @FAULT_EXPIRED: the signed URL, or the session, has expired
 * @FAULT_TOKEN: the token is not taken any more, until there is a new one
 * @FAULT_SKEWED: the clocks differ too much
 * @FAULT_FORGETS_PART: the store has lost a part
 * @FAULT_FORGETS_UPLOAD: the store has lost the upload
 * @FAULT_LIMITED: 429 with Retry-After
 * @FAULT_FAILS: 500
 * @FAULT_BUSY: 503 with Retry-After
 */
typedef enum
{
  FAULT_REFUSED,
  FAULT_RESET_REQUEST,
  FAULT_RESET_ANSWER,
  FAULT_STALL_REQUEST,
  FAULT_STALL_ANSWER,
  FAULT_SLOW,
  FAULT_TRUNCATED,
  FAULT_GARBAGE,
  FAULT_PORTAL,
  FAULT_WRONG_ETAG,
  FAULT_LOST,
  FAULT_TWICE,
  FAULT_EARLY_BUSY,
  FAULT_STALE,
  FAULT_CLOSED,
  FAULT_ERROR_IN_200,
  FAULT_REDIRECT,
  FAULT_HUGE,
  FAULT_DEEP,
  FAULT_EXPIRED,
  FAULT_TOKEN,
  FAULT_SKEWED,
  FAULT_FORGETS_PART,
  FAULT_FORGETS_UPLOAD,
  FAULT_LIMITED,
  FAULT_FAILS,
  FAULT_BUSY,
} FaultKind;

#define FAULT_N_KINDS (FAULT_BUSY + 1)

/**
 * Fault:
 * @nth: the call of @operation that it strikes, from 1
 * @byte: at which byte, where that means something
 * @always: it strikes each later call too
 * @dropped: it does not strike at all
 */
typedef struct
{
  FaultOperation operation;
  FaultKind kind;
  guint nth;
  guint byte;
  gboolean always;
  gboolean dropped;
} Fault;

/** Draws numbers that follow from a seed alone. */
typedef struct
{
  guint64 state;
} FaultDice;

/** Returns: from 0 to below @below */
guint fault_dice_roll (FaultDice *dice, guint below);
/** Returns: from 0 to below 1 */
double fault_dice_roll_double (FaultDice *dice);

/**
 * fault_script_new:
 * @s3: for a bucket, not for the request API
 *
 * Some three schedules in ten have three faults or more.
 *
 * Returns: (transfer full) (element-type Fault)
 */
GArray *fault_script_new (FaultDice *dice, gboolean s3);

/** Returns: (transfer none) (nullable): what strikes the @nth call of @operation */
const Fault *fault_script_find (GArray *script, FaultOperation operation, guint nth);

/** Returns: (transfer full): a line for each fault */
char *fault_script_to_string (GArray *script);

const char *fault_operation_get_name (FaultOperation operation);
const char *fault_kind_get_words (FaultKind kind);

G_END_DECLS
