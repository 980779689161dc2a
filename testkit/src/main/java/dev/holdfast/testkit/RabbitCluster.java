package dev.holdfast.testkit;

import java.util.ArrayList;
import java.util.List;

/** A cluster of {@link RabbitNode}s on this machine. */
public final class RabbitCluster implements AutoCloseable {
    private final List<RabbitNode> nodes;

    private RabbitCluster(List<RabbitNode> nodes) {
        this.nodes = List.copyOf(nodes);
    }

    /**
     * Starts nodes that form a cluster and returns when all accept connections, after some seconds a node. They boot at
     * the same time: RabbitMQ 4 waits for the other nodes of its list.
     *
     * @param size the number of nodes, at least 1
     * @throws IllegalStateException if the version is not installed or a node does not start; the message ends with its
     *     log
     */
    public static RabbitCluster start(RabbitVersion version, int size) {
        if (size < 1) {
            throw new IllegalArgumentException("size: " + size + " (expected: >= 1)");
        }
        List<String> names = new ArrayList<>();
        List<String> configuration = new ArrayList<>();
        configuration.add("cluster_formation.peer_discovery_backend = classic_config");
        for (int i = 1; i <= size; i++) {
            names.add(RabbitNode.newName());
            configuration.add("cluster_formation.classic_config.nodes." + i + " = " + names.get(i - 1));
        }
        List<RabbitNode> nodes = new ArrayList<>();
        try {
            for (String name : names) {
                nodes.add(RabbitNode.create(version, name, configuration));
            }
            nodes.forEach(RabbitNode::launch);
            nodes.forEach(RabbitNode::awaitReady);
            return new RabbitCluster(nodes);
        } catch (RuntimeException e) {
            nodes.forEach(RabbitNode::close);
            throw e;
        }
    }

    /** Returns the nodes. */
    public List<RabbitNode> nodes() {
        return nodes;
    }

    /** Returns one node; the index starts at 0. */
    public RabbitNode node(int index) {
        return nodes.get(index);
    }

    /** Returns the URIs of all nodes. */
    public List<String> uris() {
        return nodes.stream().map(RabbitNode::uri).toList();
    }

    /** Kills all nodes and deletes their data. */
    @Override
    public void close() {
        nodes.forEach(RabbitNode::close);
    }
}
