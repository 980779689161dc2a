package dev.holdfast;

import java.time.Duration;

/**
 * What a connection has done since it was made, over all its links and channels, at one moment: {@code published ==
 * confirmed + failed + outstanding}. See {@link Connection#statistics()}.
 *
 * @param published publishes that were accepted; those turned away for want of room or by a closed connection are not
 * @param publishedBytes their size in frames, each counted once
 * @param confirmed publishes that ended confirmed; without confirms, handed to the transport
 * @param nacked nacks of the broker, one for each publish and attempt
 * @param returned returned publishes, one for each attempt
 * @param failed publishes that ended otherwise than confirmed, cancelled ones included
 * @param retried attempts after the first
 * @param replayed of these, those that a lost link or channel made necessary
 * @param outstanding publishes that have no outcome yet
 * @param connects links that came up
 * @param blocked how long the broker has blocked the connection, in all
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
        Duration blocked) {}
