/**
 * One logical connection over many physical ones: the outbound log that is both send buffer and replay log, the window of
 * unconfirmed publishes, the topology that is made again, and the reconnect loop.
 *
 * <p>Starting points: {@link dev.holdfast.internal.session.Session} is what the objects above ask, and
 * {@link dev.holdfast.internal.session.SessionLife} what becomes of it as links come and go;
 * {@link dev.holdfast.internal.session.Publisher} takes a publish from the caller to its outcome;
 * {@link dev.holdfast.internal.session.OutboundLog} is where bytes wait for the socket.
 */
@NullMarked
package dev.holdfast.internal.session;

import org.jspecify.annotations.NullMarked;
