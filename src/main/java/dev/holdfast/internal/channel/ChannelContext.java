package dev.holdfast.internal.channel;

import dev.holdfast.AmqpException;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.Declarable;
import dev.holdfast.internal.inbound.AutoRead;
import dev.holdfast.internal.inbound.DeliveryBacklog;
import dev.holdfast.internal.outbound.OutboundLog;
import dev.holdfast.internal.publish.StopAndWait;
import io.netty.channel.EventLoop;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** What a channel needs of its session. */
interface ChannelContext {
    EventLoop loop();

    OutboundLog log();

    ConnectionOptions options();

    /** The number of the link in use: 1 for the first. */
    long epoch();

    int frameMax();

    /** Whether the broker at the other end is RabbitMQ. Any thread. */
    boolean isRabbit();

    /** Where publishers look for the publish that makes the broker close. */
    StopAndWait oneAtATime();

    /** Where deliveries are handed to users. */
    Executor deliveryExecutor();

    /** Whether the present link is read. Event loop only. */
    AutoRead reads();

    /** What waits for the handlers of deliveries. */
    DeliveryBacklog backlog();

    /** The name that a queue has now: a server-named one gets a new name on every link. */
    String currentName(String queue);

    /** A call waits for a link: connect if nobody does. Any thread. */
    void wantLink();

    /** The link is of no use any more: drop it, and connect again. Event loop only. */
    void dropLink(AmqpException cause);

    /** Whether all of these are known to stand on this link. Any thread. */
    boolean stands(List<Declarable> entities);

    /** Declares these, unless {@code always} only what does not stand yet. Event loop only. */
    CompletableFuture<Void> ensure(List<Declarable> entities, boolean always);

    /** Something that was thought to stand is missing. Event loop only. */
    void missing();
}
