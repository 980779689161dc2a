/**
 * Reports connection events to the listener of the user, to the log and to Flight Recorder.
 *
 * <p>Starting point: {@link dev.holdfast.internal.observe.ConnectionEvents}.
 */
@NullMarked
package dev.holdfast.internal.observe;

import org.jspecify.annotations.NullMarked;
