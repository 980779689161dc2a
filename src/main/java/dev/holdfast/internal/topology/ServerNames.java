package dev.holdfast.internal.topology;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The names of the server-named queues of a session. The broker chooses a new name for such a queue on every link. The
 * application may have a handle with any of them; the first is the key of the queue.
 *
 * <p>Event loop only, except for methods that say "any thread".
 */
final class ServerNames {
    /** Names of one queue that are known; the oldest but the first is forgotten. */
    static final int MAX_NAMES = 64;

    /** Later names to first names. */
    private final Map<String, String> keys = new ConcurrentHashMap<>();

    /** First names to present names, if they differ. */
    private final Map<String, String> current = new ConcurrentHashMap<>();

    /** First names of the queues. */
    private final Set<String> known = new HashSet<>();

    /** The later names of each queue, the oldest first. */
    private final Map<String, ArrayDeque<String>> later = new HashMap<>();

    /** The first name of the queue that has or had this name; the name itself if it is not known. Any thread. */
    String key(String name) {
        return keys.getOrDefault(name, name);
    }

    /** The present name of the queue that has or had this name. Any thread. */
    String current(String name) {
        String key = key(name);
        return current.getOrDefault(key, key);
    }

    /** Whether this is a name of a server-named queue. */
    boolean contains(String name) {
        return known.contains(key(name));
    }

    /** Adds a queue under its first name. Returns false if it is known. */
    boolean add(String first) {
        return known.add(first);
    }

    /** The queue with this first name has another name now. */
    void renamed(String first, String name) {
        ArrayDeque<String> names = later.computeIfAbsent(first, unused -> new ArrayDeque<>());
        names.add(name);
        keys.put(name, first);
        current.put(first, name);
        if (names.size() == MAX_NAMES) {
            keys.remove(names.remove());
        }
    }

    /** Forgets the queue with this first name. */
    void remove(String first) {
        known.remove(first);
        current.remove(first);
        ArrayDeque<String> names = later.remove(first);
        if (names != null) {
            names.forEach(keys::remove);
        }
    }
}
