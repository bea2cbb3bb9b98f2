/*
 * notify: tell the service manager how we are (sd_notify(3) protocol: one
 * datagram to $NOTIFY_SOCKET). Does nothing when nobody asked.
 */
#ifndef CORE_NOTIFY_H
#define CORE_NOTIFY_H

#include <stdint.h>

/* "READY=1", "STOPPING=1\nSTATUS=draining" ... */
void
notify_send(const char *state);
/* us between signs of life that were asked for, 0 for none. */
int64_t
notify_watchdog(void);

#endif
