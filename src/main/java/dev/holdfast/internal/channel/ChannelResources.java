package dev.holdfast.internal.channel;

import dev.holdfast.ConnectionOptions;
import dev.holdfast.internal.outbound.OutboundLog;
import dev.holdfast.internal.publish.PublisherResources;

/**
 * The objects of a session that each of its channels uses: options, link, log, receive path and what the publishers
 * share.
 */
public record ChannelResources(
        ConnectionOptions options,
        LinkHolder link,
        OutboundLog log,
        DeliveryResources inbound,
        PublisherResources publishers) {}
