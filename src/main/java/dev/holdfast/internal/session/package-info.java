/**
 * One logical connection over many sockets: connecting, reconnecting, the order of recovery, and shutdown.
 *
 * <p>Starting points: {@link dev.holdfast.internal.session.Session} is what the API objects use,
 * {@link dev.holdfast.internal.session.SessionLifecycle} has the states of a session.
 */
@NullMarked
package dev.holdfast.internal.session;

import org.jspecify.annotations.NullMarked;
