extension TestNetwork {
  /// `a` and `b`: macvlan children of one interface, `ens33` in `host`, with the addresses that end in 10 and 20.
  ///
  /// - Parameter network: the first three octets of their addresses.
  static func pair(in network: String) throws -> TestNetwork {
    try TestNetwork(
      "host", "wire", "a", "b",
      script: """
        ip -n $host link add ens33 type veth peer name port netns $wire
        ip -n $host link set ens33 up; ip -n $wire link set port up
        last=10
        for name in $a $b; do
          ip -n $host link add link ens33 name eth0 netns $name type macvlan mode bridge
          ip -n $name address add \(network).$last/24 dev eth0; ip -n $name link set eth0 up
          last=$((last + 10))
        done
        """)
  }
}
