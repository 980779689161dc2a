/**
 * Executors, locks and wait queues that know nothing of AMQP.
 *
 * <p>Starting points: {@link dev.holdfast.internal.concurrent.SerialExecutor} runs tasks one at a time and in order;
 * {@link dev.holdfast.internal.concurrent.SpinThenParkLock} is the lock of the outbound log.
 */
@NullMarked
package dev.holdfast.internal.concurrent;

import org.jspecify.annotations.NullMarked;
