/* authorization-oracle.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

/* What the request API's documents say about who may do what, written down a second time: nothing
 * of the server is used here, so that a mistake there is not made here. */

typedef enum
{
  BEARER_RIGHT,
  BEARER_RIGHT_IN_LOWER_CASE,
  BEARER_MISSING,
  BEARER_EMPTY,
  BEARER_WRONG,
  BEARER_TOO_LONG,
  BEARER_TOO_SHORT,
  BEARER_BASIC,
  BEARER_WITHOUT_SCHEME,
  BEARER_AS_API_KEY,
  BEARER_JWT,
  BEARER_JWT_EXPIRED,
  BEARER_JWT_FOR_OTHERS,
  BEARER_JWT_OF_OTHERS,
  BEARER_JWT_UNSIGNED,
  BEARER_JWT_CHANGED,
  BEARER_GATEWAY,
  BEARER_GATEWAY_EXPIRED,
  BEARER_GATEWAY_OF_OTHERS,
  BEARER_API_KEY_MISSING,
  BEARER_API_KEY_WRONG,
  N_BEARERS
} OracleBearer;

/* Whose prefixes and rights come from claims. */
gboolean oracle_bearer_is_provided (OracleBearer bearer);

typedef enum
{
  RIGHT_CREATE = 1,
  RIGHT_OVERWRITE = 2,
  RIGHT_REMOVE = 4,
  RIGHT_LINK = 8,
  N_RIGHTS = 16 /* sets of them */
} OracleRights;

/* Whether a document may be replaced, as far as the request says. */
typedef enum
{
  REPLACE_NO,
  REPLACE_YES,
  REPLACE_UNSAID,
  N_REPLACES
} OracleReplace;

typedef enum
{
  UPLOAD_OWN,
  UPLOAD_FOREIGN,
  UPLOAD_FORGED,
  UPLOAD_EXPIRED,
  UPLOAD_ENDED,
  UPLOAD_OTHER_VERSION,
  UPLOAD_NONE, /* an empty id */
  N_UPLOADS
} OracleUpload;

/* What a request about temporary objects names. */
typedef enum
{
  STAGED_OWN,
  STAGED_OWN_BY_KEY, /* as the form names it */
  STAGED_FOREIGN,
  STAGED_FOREIGN_BY_KEY,
  STAGED_DOCUMENT, /* a key that is none of a temporary object */
  N_STAGED
} OracleStaged;

typedef enum
{
  SUBJECT_KEY,
  SUBJECT_UPLOAD,
  SUBJECT_PART_NAME,
  SUBJECT_STAGED,
  SUBJECT_NONE
} OracleSubject;

typedef enum
{
  EFFECT_NONE,
  EFFECT_BEGUN,    /* there is an upload more */
  EFFECT_STORED,   /* the upload has become an object */
  EFFECT_ENDED,    /* the upload is gone */
  EFFECT_REMOVED,  /* the object is gone */
  EFFECT_ADDED,    /* the temporary object has become a part */
  EFFECT_DISCARDED /* the temporary object is gone */
} OracleEffect;

typedef struct
{
  const char *name;
  guint version;
  OracleSubject subject;
  guint rights; /* that are needed */
  OracleEffect effect;
  gboolean replaces; /* whether it says that it may replace */
  gboolean in_items; /* whether it can be one of many */
} OracleAction;

extern const OracleAction oracle_actions[];
extern const guint oracle_n_actions;

typedef struct
{
  const OracleAction *action;
  OracleBearer bearer;

  /* Of the principal. A prefix is as a configuration has it, without a slash at its end; an empty
   * one is everything. */
  guint rights;
  const char *const *prefixes;

  /* The key that the request names: whether it is in the form that the version wants, and what it
   * is then. */
  gboolean is_canonical;
  gboolean breaks_request; /* no JSON can hold it */
  const char *key;
  gboolean exists;
  OracleReplace replace;

  OracleUpload upload;
  const char *upload_key;
  gboolean upload_replaces;
  gboolean upload_exists; /* whether there is an object with its key */

  OracleStaged staged;
} OracleCase;

/* @code: NULL where it is done */
typedef struct
{
  guint status;
  const char *code;
  OracleEffect effect;
  gboolean tells_link; /* where the answer has a link, whether it may be one */
} OracleVerdict;

OracleVerdict oracle_judge (const OracleCase *asked);
