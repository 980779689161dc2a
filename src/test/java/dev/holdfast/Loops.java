package dev.holdfast;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Loops in a graph: its strongly connected parts of more than one node (Tarjan's algorithm). */
final class Loops {
    private final Map<String, Set<String>> edges;
    private final Map<String, Integer> index = new HashMap<>();
    private final Map<String, Integer> low = new HashMap<>();
    private final Deque<String> stack = new ArrayDeque<>();
    private final List<Set<String>> found = new ArrayList<>();

    private Loops(Map<String, Set<String>> edges) {
        this.edges = edges;
    }

    static List<Set<String>> in(Map<String, Set<String>> edges) {
        Loops loops = new Loops(edges);
        edges.keySet().stream().filter(node -> !loops.index.containsKey(node)).forEach(loops::visit);
        return loops.found;
    }

    private void visit(String node) {
        index.put(node, index.size());
        low.put(node, index.get(node));
        stack.push(node);
        for (String next : edges.getOrDefault(node, Set.of())) {
            if (!index.containsKey(next)) {
                visit(next);
                low.merge(node, low.get(next), Math::min);
            } else if (stack.contains(next)) {
                low.merge(node, index.get(next), Math::min);
            }
        }
        if (low.get(node).equals(index.get(node))) {
            pop(node);
        }
    }

    private void pop(String node) {
        Set<String> part = new TreeSet<>();
        String last;
        do {
            last = stack.pop();
            part.add(last);
        } while (!last.equals(node));
        if (part.size() > 1) {
            found.add(part);
        }
    }
}
