// A TURN server as pion's documentation builds one: a UDP listener, static users, relays on the loopback.
package main

import (
	"flag"
	"log"
	"net"

	"github.com/pion/turn/v2"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "where clients come")
	username := flag.String("username", "", "the one user")
	password := flag.String("password", "", "the user's password")
	flag.Parse()

	const realm = "game"
	key := turn.GenerateAuthKey(*username, realm, *password)

	socket, err := net.ListenPacket("udp4", *listen)
	if err != nil {
		log.Fatal(err)
	}
	_, err = turn.NewServer(turn.ServerConfig{
		Realm: realm,
		AuthHandler: func(name, _ string, _ net.Addr) ([]byte, bool) {
			return key, name == *username
		},
		PacketConnConfigs: []turn.PacketConnConfig{{
			PacketConn: socket,
			RelayAddressGenerator: &turn.RelayAddressGeneratorStatic{
				RelayAddress: net.IPv4(127, 0, 0, 1),
				Address:      "127.0.0.1",
			},
		}},
	})
	if err != nil {
		log.Fatal(err)
	}
	select {}
}
