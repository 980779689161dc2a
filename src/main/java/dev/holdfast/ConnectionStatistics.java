package dev.holdfast;

import java.time.Duration;

/**
 * A snapshot of a connection's counters since its creation, over all its links and channels: {@code published
 * == confirmed + failed + outstanding}. See {@link Connection#statistics()}.
 *
 * @param published accepted publishes; those refused for lack of room or by a closed connection are not counted
 * @param publishedBytes bytes of the frames of these publishes; a retransmission is not counted again
 * @param confirmed publishes that the broker confirmed; without confirms, that were transferred to the transport
 * @param nacked nacks of the broker, counted for each publish and attempt
 * @param returned messages that the broker returned, counted for each attempt
 * @param failed publishes with any outcome other than a confirm, including cancelled ones
 * @param retried attempts after the first of a publish
 * @param replayed those of the {@code retried} attempts that followed the loss of a link or channel
 * @param outstanding publishes that have no outcome yet
 * @param connects links that were opened
 * @param blocked the total time for which the broker has blocked the connection
 * @param droppedDeliveries received messages that were not passed to a handler, because their channel or consumer had
 *     ended, so that they could not be acknowledged: the broker delivers them again
 */
public record ConnectionStatistics(
        long published,
        long publishedBytes,
        long confirmed,
        long nacked,
        long returned,
        long failed,
        long retried,
        long replayed,
        long outstanding,
        long connects,
        Duration blocked,
        long droppedDeliveries) {}
