package dev.holdfast;

/**
 * The broker's confirm of a message: it has accepted the message, and stored it on disk if the message is persistent
 * and its queue durable.
 *
 * @param attempts the number of attempts to send the message, at least 1
 */
public record Confirmation(int attempts) {
    /** Confirmed at the first attempt. Shared, so that a confirm allocates nothing. */
    public static final Confirmation ONE = new Confirmation(1);

    /** Creates a confirmation. */
    public Confirmation {
        Arguments.range("attempts", attempts, 1, Integer.MAX_VALUE);
    }

    /** Returns a confirmation after this many attempts, {@link #ONE} for 1. */
    public static Confirmation of(int attempts) {
        return attempts == 1 ? ONE : new Confirmation(attempts);
    }
}
