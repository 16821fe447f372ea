// A signaling server as a Go developer would write one with gorilla/websocket: rooms in a map behind
// a mutex, one goroutine reading and one writing for each connection, {type,from,to,payload} forwarded.
package main

import (
	"encoding/json"
	"flag"
	"log"
	"net/http"
	"sync"

	"github.com/gorilla/websocket"
)

const (
	maxMessage = 64 * 1024
	queue      = 256
)

type message struct {
	Type    string          `json:"type"`
	Room    string          `json:"room,omitempty"`
	From    string          `json:"from,omitempty"`
	To      string          `json:"to,omitempty"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

type client struct {
	conn *websocket.Conn
	send chan []byte
	gone chan struct{}
}

type hub struct {
	mu    sync.RWMutex
	rooms map[string]map[string]*client
}

func (h *hub) join(room, id string, c *client) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.rooms[room] == nil {
		h.rooms[room] = make(map[string]*client)
	}
	h.rooms[room][id] = c
}

func (h *hub) leave(room, id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.rooms[room], id)
	if len(h.rooms[room]) == 0 {
		delete(h.rooms, room)
	}
}

func (h *hub) find(room, id string) *client {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.rooms[room][id]
}

func (c *client) write() {
	defer c.conn.Close()
	for {
		select {
		case data := <-c.send:
			if c.conn.WriteMessage(websocket.TextMessage, data) != nil {
				return
			}
		case <-c.gone:
			return
		}
	}
}

// queue hands the message to the writing goroutine; a client that does not read loses it.
func (c *client) queue(m message) {
	data, err := json.Marshal(m)
	if err != nil {
		return
	}
	select {
	case c.send <- data:
	default:
	}
}

func (h *hub) serve(conn *websocket.Conn) {
	defer conn.Close()
	conn.SetReadLimit(maxMessage)
	c := &client{conn: conn, send: make(chan []byte, queue), gone: make(chan struct{})}
	defer close(c.gone)
	go c.write()

	var join message
	if conn.ReadJSON(&join) != nil || join.Type != "join" {
		return
	}
	room, id := join.Room, join.From
	h.join(room, id, c)
	defer h.leave(room, id)
	c.queue(message{Type: "joined", Room: room, From: id})

	for {
		var m message
		if conn.ReadJSON(&m) != nil {
			return
		}
		m.From = id
		if to := h.find(room, m.To); to != nil {
			to.queue(m)
		}
	}
}

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "where clients come")
	flag.Parse()

	h := &hub{rooms: make(map[string]map[string]*client)}
	upgrader := websocket.Upgrader{}
	http.HandleFunc("/ws", func(w http.ResponseWriter, r *http.Request) {
		if conn, err := upgrader.Upgrade(w, r, nil); err == nil {
			h.serve(conn)
		}
	})
	log.Fatal(http.ListenAndServe(*listen, nil))
}
