package dev.holdfast.internal.channel;

import dev.holdfast.ConnectionOptions;
import dev.holdfast.internal.outbound.OutboundLog;
import dev.holdfast.internal.publish.StopAndWait;

/**
 * The parts of a session that all its channels share.
 *
 * @param stopAndWait attributes a close to a publish, over the publishers of all channels
 */
public record ChannelResources(
        ConnectionOptions options, LinkHolder link, OutboundLog log, InboundFlow inbound, StopAndWait stopAndWait) {}
