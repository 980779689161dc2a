package dev.holdfast.internal.channel;

import dev.holdfast.internal.inbound.AutoRead;
import dev.holdfast.internal.inbound.DeliveryBacklog;
import java.util.concurrent.Executor;

/**
 * The way of deliveries from the socket to the handlers of a session.
 *
 * @param autoRead whether the current link is read
 * @param backlog the deliveries that wait for their handlers
 * @param deliveryExecutor runs the handlers and the other callbacks of users
 */
public record InboundFlow(AutoRead autoRead, DeliveryBacklog backlog, Executor deliveryExecutor) {}
