package dev.holdfast.internal.channel;

import dev.holdfast.internal.inbound.AutoRead;
import dev.holdfast.internal.inbound.DeliveryBacklog;
import dev.holdfast.internal.state.BodyBudget;
import java.util.concurrent.Executor;

/**
 * The objects that limit and run the deliveries of a session: auto-read switch, backlog and executor.
 *
 * @param autoRead pauses and resumes reading of the current link
 * @param backlog counts the bytes that wait for handlers and other callbacks
 * @param incompleteBodies limits the memory of the messages that are being received
 * @param deliveryExecutor runs the handlers and the other callbacks of users
 */
public record DeliveryResources(
        AutoRead autoRead, DeliveryBacklog backlog, BodyBudget incompleteBodies, Executor deliveryExecutor) {
    /** Runs a small callback of the user, which counts in the backlog until it has run. Event loop only. */
    public void run(Runnable callback) {
        backlog.run(deliveryExecutor, DeliveryBacklog.OVERHEAD, callback);
    }
}
