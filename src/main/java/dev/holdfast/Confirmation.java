package dev.holdfast;

/**
 * The broker's word that it has taken a message, on disk where the message and its queue ask for that.
 *
 * @param attempts how many times the message was sent or tried to be sent, at least 1
 */
public record Confirmation(int attempts) {
    /** The usual one: confirmed at the first attempt. Shared, so that a confirm allocates nothing. */
    public static final Confirmation ONE = new Confirmation(1);

    /** Makes a confirmation. */
    public Confirmation {
        Arguments.range("attempts", attempts, 1, Integer.MAX_VALUE);
    }

    /** Returns a confirmation after this many attempts, {@link #ONE} for 1. */
    public static Confirmation of(int attempts) {
        return attempts == 1 ? ONE : new Confirmation(attempts);
    }
}
