package dev.holdfast;

import static java.util.Objects.requireNonNull;

/**
 * A user name and a password. The password is never shown.
 *
 * @param username the user name
 * @param password the password, or the token that stands for it
 */
public record Credentials(String username, String password) {
    /** Makes credentials. */
    public Credentials {
        requireNonNull(username, "username");
        requireNonNull(password, "password");
    }

    /** Returns the user name and a mask. */
    @Override
    public String toString() {
        return username + ":**";
    }
}
