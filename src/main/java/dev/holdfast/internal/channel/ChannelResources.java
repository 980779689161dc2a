package dev.holdfast.internal.channel;

import dev.holdfast.ConnectionOptions;
import dev.holdfast.internal.outbound.OutboundLog;
import dev.holdfast.internal.publish.StopAndWait;

/**
 * The objects of a session that each of its channels uses: options, link, log, receive path and stop-and-wait search.
 *
 * @param stopAndWait attributes a close to a publish, over the publishers of all channels
 */
public record ChannelResources(
        ConnectionOptions options,
        LinkHolder link,
        OutboundLog log,
        DeliveryResources inbound,
        StopAndWait stopAndWait) {}
