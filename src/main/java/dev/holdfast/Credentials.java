package dev.holdfast;

import static java.util.Objects.requireNonNull;

/**
 * A user name and a password for the SASL mechanisms PLAIN and AMQPLAIN; {@link #toString()} masks the password.
 *
 * @param username the user name
 * @param password the password, or a token in its place
 */
public record Credentials(String username, String password) {
    /** Checks that both values are not null. */
    public Credentials {
        requireNonNull(username, "username");
        requireNonNull(password, "password");
    }

    /** Returns the user name and a mask in place of the password. */
    @Override
    public String toString() {
        return username + ":**";
    }
}
