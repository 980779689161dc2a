package dev.holdfast;

/**
 * A user name and a password for the SASL mechanisms PLAIN and AMQPLAIN; {@link #toString()} masks the password.
 *
 * @param username the user name
 * @param password the password, or a token in its place
 */
public record Credentials(String username, String password) {
    /** Checks both values; throws IllegalArgumentException for text that UTF-8 cannot encode. */
    public Credentials {
        Arguments.secret("username", username);
        Arguments.secret("password", password);
    }

    /** Returns the user name and a mask in place of the password. */
    @Override
    public String toString() {
        return username + ":**";
    }
}
