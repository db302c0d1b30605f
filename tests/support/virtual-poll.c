/* virtual-poll.c: sockets whose time-outs cost no time
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A stall is known from the other side of the socket, which is in this process too. So the engine's
 * own time-outs are tried, as long as they are, and nobody waits for them.
 */

#include "virtual-poll.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

G_STATIC_ASSERT (sizeof (struct pollfd) == sizeof (GPollFD));

/* One call that waits. */
typedef struct
{
  int fd; /* becomes readable when a stall has begun */
} Waiter;

static GMutex lock; /* guards all below */
static gboolean stalled[G_MAXUINT16 + 1];
static GSList *waiters; /* (element-type Waiter) */
static gint64 timed_out;

static guint16
get_port (int fd)
{
  struct sockaddr_in address;
  socklen_t length = sizeof address;

  if (getsockname (fd, (struct sockaddr *) &address, &length) != 0 || address.sin_family != AF_INET)
    return 0;
  return ntohs (address.sin_port);
}

static gboolean
has_socket (const GPollFD *fds, guint n_fds)
{
  for (guint i = 0; i < n_fds; i++)
    if (get_port (fds[i].fd) != 0)
      return TRUE;
  return FALSE;
}

static gboolean
is_stalled (const GPollFD *fds, guint n_fds)
{
  for (guint i = 0; i < n_fds; i++)
    if (stalled[get_port (fds[i].fd)])
      return TRUE;
  return FALSE;
}

/* @all: @fds, and one more place */
static int
wait_for_stall_or_fd (GPollFD *fds, guint n_fds, struct pollfd *all, int timeout)
{
  Waiter waiter = { eventfd (0, EFD_CLOEXEC) };
  gboolean stall;
  int n;

  g_mutex_lock (&lock);
  waiters = g_slist_prepend (waiters, &waiter);
  g_mutex_unlock (&lock);
  do
    {
      eventfd_t count;

      g_mutex_lock (&lock);
      stall = is_stalled (fds, n_fds);
      g_mutex_unlock (&lock);
      for (guint i = 0; i < n_fds; i++)
        all[i] = (struct pollfd){ .fd = fds[i].fd, .events = (short) fds[i].events };
      all[n_fds] = (struct pollfd){ .fd = waiter.fd, .events = POLLIN };
      n = poll (all, n_fds + 1, stall ? 0 : -1);
      if (n > 0 && all[n_fds].revents != 0)
        {
          eventfd_read (waiter.fd, &count);
          n--;
        }
    }
  while (n == 0 && !stall);
  g_mutex_lock (&lock);
  waiters = g_slist_remove (waiters, &waiter);
  if (n == 0)
    timed_out += timeout;
  g_mutex_unlock (&lock);
  close (waiter.fd);
  return n;
}

/* A main loop waits for other things than sockets, and keeps its own time. */
gint
g_poll (GPollFD *fds, guint n_fds, gint timeout)
{
  g_autofree struct pollfd *all = g_new (struct pollfd, n_fds + 1);
  int n;

  if (timeout <= 0 || !has_socket (fds, n_fds))
    return poll ((struct pollfd *) fds, n_fds, timeout);
  n = wait_for_stall_or_fd (fds, n_fds, all, timeout);
  for (guint i = 0; i < n_fds; i++)
    fds[i].revents = n > 0 ? (gushort) all[i].revents : 0;
  return n;
}

void
virtual_poll_set_stalled (guint16 port, gboolean stalls)
{
  g_mutex_lock (&lock);
  stalled[port] = stalls;
  for (GSList *link = waiters; stalls && link != NULL; link = link->next)
    eventfd_write (((Waiter *) link->data)->fd, 1);
  g_mutex_unlock (&lock);
}

gint64
virtual_poll_take_time (void)
{
  gint64 time;

  g_mutex_lock (&lock);
  time = timed_out;
  timed_out = 0;
  g_mutex_unlock (&lock);
  return time;
}
