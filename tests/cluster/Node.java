import java.util.concurrent.CountDownLatch;
import org.codelibs.opensearch.runner.OpenSearchRunner;

/** One node of the cluster of the tests, on loopback alone: `java Node DIRECTORY NUMBER OF FIRST_PORT`. */
public class Node {
    public static void main(String[] args) throws Exception {
        String directory = args[0];
        int number = Integer.parseInt(args[1]);
        int nodes = Integer.parseInt(args[2]);
        int first = Integer.parseInt(args[3]);
        StringBuilder names = new StringBuilder();
        StringBuilder seeds = new StringBuilder();
        for (int n = 1; n <= nodes; n++) {
            names.append(n > 1 ? "," : "").append("node-").append(n);
            seeds.append(n > 1 ? "," : "").append("127.0.0.1:").append(first + 100 + n);
        }
        OpenSearchRunner runner = new OpenSearchRunner();
        runner.onBuild((n, settings) -> {
            settings.put("discovery.type", "zen");
            settings.put("node.name", "node-" + number);
            settings.put("network.host", "127.0.0.1");
            settings.put("http.port", String.valueOf(first + number));
            settings.put("transport.port", String.valueOf(first + 100 + number));
            settings.putList("discovery.seed_hosts", seeds.toString().split(","));
            settings.putList("cluster.initial_cluster_manager_nodes", names.toString().split(","));
            // A node that is killed is to be missed soon, and a full disk of the machine is no matter of the tests.
            settings.put("cluster.fault_detection.follower_check.interval", "500ms");
            settings.put("cluster.fault_detection.leader_check.interval", "500ms");
            settings.put("cluster.routing.allocation.disk.threshold_enabled", "false");
        }).build(OpenSearchRunner.newConfigs().basePath(directory).numOfNode(1).clusterName("dateline-tests"));
        new CountDownLatch(1).await();
    }
}
