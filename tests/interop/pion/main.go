// A game's client as pion's documentation builds one: it allocates, sends to a peer and back through
// the relay (pion makes the permission and the channel itself), refreshes, and ends its allocation.
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"time"

	"github.com/pion/turn/v2"
)

func main() {
	server := flag.String("server", "", "address and port")
	network := flag.String("network", "udp", "udp or tcp")
	username := flag.String("username", "", "")
	password := flag.String("password", "", "")
	realm := flag.String("realm", "", "")
	rounds := flag.Int("rounds", 50, "messages each way")
	flag.Parse()

	var conn net.PacketConn
	if *network == "tcp" {
		stream, err := net.Dial("tcp", *server)
		check("connect", err)
		conn = turn.NewSTUNConn(stream)
	} else {
		socket, err := net.ListenPacket("udp4", "127.0.0.1:0")
		check("listen", err)
		conn = socket
	}
	client, err := turn.NewClient(&turn.ClientConfig{
		STUNServerAddr: *server,
		TURNServerAddr: *server,
		Conn:           conn,
		Username:       *username,
		Password:       *password,
		Realm:          *realm,
	})
	check("client", err)
	check("read", client.Listen())
	defer client.Close()

	mapped, err := client.SendBindingRequest()
	check("binding", err)
	fmt.Println("mapped", mapped)
	relay, err := client.Allocate()
	check("allocate", err)
	fmt.Println("relayed", relay.LocalAddr())

	peer, err := net.ListenPacket("udp4", "127.0.0.1:0")
	check("peer", err)
	deadline := time.Now().Add(20 * time.Second)
	check("deadline", peer.SetDeadline(deadline))
	check("deadline", relay.SetReadDeadline(deadline))

	// The first goes as a Send indication while pion binds a channel, the later ones on the channel.
	buffer := make([]byte, 2048)
	for i := 0; i < *rounds; i++ {
		text := fmt.Sprintf("message %d", i)
		_, err = relay.WriteTo([]byte(text), peer.LocalAddr())
		check("send", err)
		n, from, err := peer.ReadFrom(buffer)
		check("arrive at the peer", err)
		if string(buffer[:n]) != text || from.String() != relay.LocalAddr().String() {
			log.Fatalf("the peer got %q from %v", buffer[:n], from)
		}
		_, err = peer.WriteTo(buffer[:n], relay.LocalAddr())
		check("answer", err)
		n, from, err = relay.ReadFrom(buffer)
		check("arrive at the client", err)
		if string(buffer[:n]) != text || from.String() != peer.LocalAddr().String() {
			log.Fatalf("the client got %q from %v", buffer[:n], from)
		}
		time.Sleep(time.Millisecond)
	}
	fmt.Println("echoed", *rounds)
	// A Refresh with a lifetime of 0.
	check("close", relay.Close())
	fmt.Println("closed")
}

func check(what string, err error) {
	if err != nil {
		log.Fatalf("%s: %v", what, err)
	}
}
